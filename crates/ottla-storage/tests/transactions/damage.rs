//! The index of aborted transactions, or what vouches for it, is missing, empty, cut off, zeroed or another's.

use std::path::Path;

use crate::world::World;

/// Many segments with aborted transactions, some of which reach over several.
fn prepared(seed: u64) -> World {
    let mut world = World::new(seed);
    world.append(Some(9), 1);
    for n in 0..30 {
        world.append(Some(1 + n % 3), 2);
        if n % 2 == 1 {
            world.end(1 + n % 3, n % 5 == 0);
        }
        if n == 20 {
            world.end(9, false);
        }
    }
    world.append(Some(2), 1);
    world.end(2, false);
    world
}

fn damages(file: &[u8], other: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut flipped = file.to_vec();
    flipped.iter_mut().skip(10).step_by(17).for_each(|byte| *byte ^= 1);
    let cut = file[..file.len() / 2].to_vec();
    let long = [file, other].concat();
    let whole_entries = file[..file.len().saturating_sub(34)].to_vec();
    vec![
        None,
        Some(Vec::new()),
        Some(cut),
        Some(vec![0; file.len()]),
        Some(other.to_vec()),
        Some(flipped),
        Some(long),
        Some(whole_entries),
    ]
}

#[test]
fn readers_are_told_the_same_whatever_became_of_the_index() {
    let kinds = [".txnindex", ".producers", ".snapshot"];
    for is_clean in [true, false] {
        for kind in kinds {
            for damage in 0..8 {
                let mut world = prepared(damage);
                if is_clean {
                    ottla_storage::disk::wait::block_on(world.storage().close()).unwrap();
                } else {
                    world.disk.kill();
                }
                world.disk = world.disk.restarted();
                let image = world.disk.image();
                let files: Vec<_> = image.iter().filter(|(name, _)| name.ends_with(kind)).collect();
                assert!(files.len() > 2, "{files:?}");
                for (number, (name, bytes)) in files.iter().enumerate() {
                    let other = files[(number + 1) % files.len()].1;
                    let damaged = damages(bytes, other).swap_remove(usize::try_from(damage).unwrap());
                    match damaged {
                        Some(damaged) => world.disk.edit(Path::new(name), |bytes| *bytes = damaged).unwrap(),
                        None => {
                            use ottla_storage::disk::Disk;
                            world.disk.remove_file(Path::new(name)).unwrap();
                        }
                    }
                }
                world.open().unwrap();
                let what = format!("{kind}, damage {damage}, clean {is_clean}");
                world.check(&what);
                world.check_files(&what);
                world.reopen();
                world.check(&what);
            }
        }
    }
}
