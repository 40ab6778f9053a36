//! A store in memory that holds a few objects, and can be broken.

use registry::store::{Object, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A store with a few objects, which can be broken.
#[derive(Default)]
pub struct FewObjects {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    broken: Mutex<Option<String>>,
}

impl FewObjects {
    pub fn break_it(&self, why: &str) {
        *self.broken.lock().unwrap() = Some(why.to_owned());
    }

    fn working(&self) -> Result<(), StoreError> {
        match &*self.broken.lock().unwrap() {
            Some(why) => Err(StoreError::medium("read", why.clone())),
            None => Ok(()),
        }
    }
}

impl Store for FewObjects {
    fn count(&self) -> Result<u64, StoreError> {
        self.working().map(|()| 0)
    }
    fn append(&self, _: u64, _: &[u8]) -> Result<(), StoreError> {
        self.working()
    }
    fn read(&self, _: u64, _: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.working().map(|()| Vec::new())
    }
    fn replace(&self, _: u64, _: &[u8]) -> Result<(), StoreError> {
        self.working()
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let mut all = self.objects.lock().unwrap();
        all.extend(objects.iter().map(|object| (object.name.clone(), object.value.clone())));
        self.working()
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.working()?;
        Ok(self.objects.lock().unwrap().get(name).cloned())
    }
    fn remove(&self, _: &[String]) -> Result<(), StoreError> {
        self.working()
    }
    fn list(&self, _: &str) -> Result<Vec<String>, StoreError> {
        self.working().map(|()| Vec::new())
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.working().map(|()| None)
    }
    fn swap(&self, _: Option<&[u8]>, _: &[u8]) -> Result<(), StoreError> {
        self.working()
    }
}
