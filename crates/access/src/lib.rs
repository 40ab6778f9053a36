//! Who may do what, decided in one place.
//!
//! An [`Actor`] wants to do an [`Action`] to an [`Object`]; [`Access::decide`] says whether it may, and which policies said so.
//! The policies are those of `access.cedar`, compiled in and validated strictly against `access.cedarschema` when they are
//! loaded. What no policy permits is refused, and so is whatever cannot be evaluated. The table of all answers stands in
//! `docs/access.md`, which a test of this crate generates.
//!
//! This room must not know how anybody proved who they are, nor what HTTP is: it gets actors and gives decisions.

mod action;
mod actor;
mod decide;
mod object;

pub use action::{Action, Scope};
pub use actor::{Actor, Role};
pub use decide::{Access, AccessError, Decision, Policy};
pub use object::Object;
