//! Draws the figures of the answers into `answers/figures`.

use std::fs;
use std::path::Path;

use answers::figures::ALL;
use anyhow::{Context, Result};

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("figures");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (file, draw) in ALL {
        let path = folder.join(file);
        fs::write(&path, draw()?).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}
