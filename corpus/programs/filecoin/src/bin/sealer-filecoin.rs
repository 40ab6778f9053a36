//! Seals sectors of `--size` bytes (8 MiB unless told) with the published proofs library, as a storage provider does:
//! labels layer by layer (first phase), then commits to them in trees (second phase). `--mode label` or `--mode tree`
//! does one of the two only.

use filecoin_proofs::{
    PaddedBytesAmount, PoRepConfig, SECTOR_SIZE_2_KIB, SECTOR_SIZE_8_MIB, SealPreCommitPhase1Output,
    SectorShape8MiB, UnpaddedBytesAmount, add_piece, generate_tree_r_last, seal_pre_commit_phase1,
    seal_pre_commit_phase2,
};
use runner::{Options, Random, Shift};
use std::io::Cursor;
use std::path::PathBuf;
use storage_proofs_core::api_version::ApiVersion;

/// Sectors of both sizes have trees of this shape.
type Shape = SectorShape8MiB;

/// A sector on its way: its folder with the cache, and the data to seal.
struct Sector {
    config: PoRepConfig,
    folder: tempfile::TempDir,
    random: Random,
    size: u64,
}

impl Sector {
    fn new(size: u64, number: usize) -> Self {
        let config = PoRepConfig::new_groth16(size, [128; 32], ApiVersion::V1_1_0);
        let folder = tempfile::tempdir().expect("a folder");
        Self { config, folder, random: Random(number as u64), size }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn label(&mut self) -> SealPreCommitPhase1Output<Shape> {
        let _ = std::fs::remove_dir_all(self.path("cache"));
        std::fs::create_dir(self.path("cache")).expect("a cache");
        let unpadded = UnpaddedBytesAmount::from(PaddedBytesAmount(self.size));
        let mut data = vec![0; unpadded.0 as usize];
        self.random.fill(&mut data);
        let staged = std::fs::File::create(self.path("staged")).expect("a staged file");
        std::fs::write(self.path("sealed"), []).expect("a sealed file");
        let (piece, _) = add_piece(Cursor::new(data), staged, unpadded, &[]).expect("a piece");
        seal_pre_commit_phase1::<_, _, _, Shape>(
            &self.config,
            self.path("cache"),
            self.path("staged"),
            self.path("sealed"),
            [7; 32],
            self.random.next().into(),
            [9; 32],
            &[piece],
        )
        .expect("labels")
    }

    fn commit(&self, labels: SealPreCommitPhase1Output<Shape>) {
        seal_pre_commit_phase2::<_, _, Shape>(&self.config, labels, self.path("cache"), self.path("sealed"))
            .expect("trees");
    }

    fn tree_again(&self) {
        let folder = self.path("tree");
        std::fs::create_dir_all(&folder).expect("a folder");
        generate_tree_r_last::<_, _, Shape>(self.size, &self.path("sealed"), &folder).expect("a tree");
        std::fs::remove_dir_all(&folder).expect("the folder");
    }
}

fn seal(options: &Options, number: usize, shift: &mut Shift) {
    let size = match options.size {
        Some(small) if small as u64 == SECTOR_SIZE_2_KIB => SECTOR_SIZE_2_KIB,
        _ => SECTOR_SIZE_8_MIB,
    };
    let mut sector = Sector::new(size, number);
    let labels = sector.label();
    if options.is("tree") {
        sector.commit(labels);
    }
    while shift.goes_on() {
        match options.mode.as_deref() {
            Some("tree") => sector.tree_again(),
            Some("label") => drop(sector.label()),
            _ => {
                let labels = sector.label();
                sector.commit(labels);
            }
        }
    }
}

fn main() {
    let options = Options::read();
    options.run(|number, shift| seal(&options, number, shift));
}
