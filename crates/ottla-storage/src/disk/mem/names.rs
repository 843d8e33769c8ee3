//! The names of a simulated disk: folders, what stands in them, and which of it would be found
//! after a loss of power.
//!
//! Plain data, like [`content`](super::content): no locks, no faults of its own. Every change of
//! a name is one entry in a list until a sync of its folder makes it durable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex};

use ottla_env::Rng;
use rustix::io::Errno;

use super::CrashStyle;
use super::content::Content;
use crate::disk::{Entry, EntryKind};

/// Identifies a folder, whatever its name.
type DirId = u64;
/// The root folder.
const ROOT: DirId = 0;

/// A file, whatever its name.
#[derive(Debug)]
pub(super) struct FileNode {
    id: u64,
    pub(super) content: Mutex<Content>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Arc<FileNode>),
    Dir(DirId),
}

impl Node {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => one.id == other.id,
            (Self::Dir(one), Self::Dir(other)) => one == other,
            _ => false,
        }
    }

    pub(super) fn kind(&self) -> EntryKind {
        match self {
            Self::File(_) => EntryKind::File,
            Self::Dir(_) => EntryKind::Dir,
        }
    }
}

#[derive(Debug, Default)]
struct Dir {
    visible: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    dir: DirId,
    name: String,
}

/// A change of names that is visible and not durable. Each happens as a whole or not at all.
#[derive(Debug)]
struct Change {
    node: Node,
    /// Name that goes, unless it stands for something else by then.
    removed: Option<Place>,
    /// Name that comes, in place of what it stood for.
    added: Option<Place>,
}

impl Change {
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.removed.iter().chain(&self.added)
    }
}

/// All names of a disk.
#[derive(Debug)]
pub(super) struct Names {
    dirs: BTreeMap<DirId, Dir>,
    pending: Vec<Change>,
    next_id: u64,
    /// Whether anything is to survive a crash.
    tracked: bool,
}

impl Names {
    pub(super) fn new(tracked: bool) -> Self {
        Self {
            dirs: BTreeMap::from([(ROOT, Dir::default())]),
            pending: Vec::new(),
            next_id: ROOT + 1,
            tracked,
        }
    }

    pub(super) fn find(&self, path: &Path) -> Result<Node, Errno> {
        let mut found = Node::Dir(ROOT);
        for part in path.components() {
            let Node::Dir(dir) = found else { return Err(Errno::NOTDIR) };
            found = self.dirs[&dir].visible.get(name_of(part)?).cloned().ok_or(Errno::NOENT)?;
        }
        Ok(found)
    }

    pub(super) fn create_file(&mut self, path: &Path) -> Result<Arc<FileNode>, Errno> {
        let place = self.free_place(path)?;
        let node = Arc::new(FileNode { id: self.take_id(), content: Mutex::new(Content::new(self.tracked)) });
        self.change(Change { node: Node::File(Arc::clone(&node)), removed: None, added: Some(place) });
        Ok(node)
    }

    pub(super) fn create_dir(&mut self, path: &Path) -> Result<(), Errno> {
        let place = self.free_place(path)?;
        let dir = self.take_id();
        self.dirs.insert(dir, Dir::default());
        self.change(Change { node: Node::Dir(dir), removed: None, added: Some(place) });
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> Result<(), Errno> {
        match self.find(path)? {
            Node::Dir(_) => Err(Errno::ISDIR),
            node @ Node::File(_) => self.remove(path, node),
        }
    }

    pub(super) fn remove_dir(&mut self, path: &Path) -> Result<(), Errno> {
        match self.find(path)? {
            Node::File(_) => Err(Errno::NOTDIR),
            Node::Dir(ROOT) => Err(Errno::BUSY),
            Node::Dir(dir) if !self.dirs[&dir].visible.is_empty() => Err(Errno::NOTEMPTY),
            node @ Node::Dir(dir) => {
                self.remove(path, node)?;
                if !self.tracked {
                    self.dirs.remove(&dir);
                }
                Ok(())
            }
        }
    }

    fn remove(&mut self, path: &Path, node: Node) -> Result<(), Errno> {
        let place = self.place(path)?;
        self.change(Change { node, removed: Some(place), added: None });
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), Errno> {
        let (node, source, target) = (self.find(from)?, self.place(from)?, self.place(to)?);
        if source == target {
            return Ok(());
        }
        if to.starts_with(from) {
            return Err(Errno::INVAL); // a folder into itself
        }
        match (&node, self.dirs[&target.dir].visible.get(&target.name)) {
            (_, None) | (Node::File(_), Some(Node::File(_))) => {}
            (Node::File(_), Some(Node::Dir(_))) => return Err(Errno::ISDIR),
            (Node::Dir(_), Some(Node::File(_))) => return Err(Errno::NOTDIR),
            (Node::Dir(_), Some(Node::Dir(replaced))) if self.dirs[replaced].visible.is_empty() => {}
            (Node::Dir(_), Some(Node::Dir(_))) => return Err(Errno::NOTEMPTY),
        }
        self.change(Change { node, removed: Some(source), added: Some(target) });
        Ok(())
    }

    pub(super) fn list(&self, path: &Path) -> Result<Vec<Entry>, Errno> {
        let Node::Dir(dir) = self.find(path)? else { return Err(Errno::NOTDIR) };
        let entries = self.dirs[&dir].visible.iter();
        Ok(entries.map(|(name, node)| Entry { name: name.clone(), kind: node.kind() }).collect())
    }

    /// Makes every change of a name in the folder durable.
    pub(super) fn sync_dir(&mut self, path: &Path) -> Result<(), Errno> {
        let covered = self.take_covered(path)?;
        for change in covered {
            apply(&mut self.dirs, &change, |dir| &mut dir.durable);
        }
        Ok(())
    }

    /// What a failed sync of a folder does: some changes arrived, the others never will.
    pub(super) fn lose_dir(&mut self, path: &Path, rng: &mut Rng) -> Result<(), Errno> {
        let covered = self.take_covered(path)?;
        let style = CrashStyle::draw(rng);
        for change in covered {
            if style.keeps(rng) {
                apply(&mut self.dirs, &change, |dir| &mut dir.durable);
            }
        }
        Ok(())
    }

    /// Takes the changes of names in a folder off the list, with the earlier ones that they build on.
    fn take_covered(&mut self, path: &Path) -> Result<Vec<Change>, Errno> {
        let Node::Dir(dir) = self.find(path)? else { return Err(Errno::NOTDIR) };
        let mut places: BTreeSet<Place> = BTreeSet::new();
        let (mut covered, mut left) = (Vec::new(), Vec::new());
        for change in self.pending.drain(..).rev() {
            if change.places().any(|place| place.dir == dir || places.contains(place)) {
                places.extend(change.places().cloned());
                covered.push(change);
            } else {
                left.push(change);
            }
        }
        left.reverse();
        covered.reverse();
        self.pending = left;
        Ok(covered)
    }

    /// Turns into what is found after a loss of power.
    pub(super) fn crash(&mut self, style: CrashStyle, rng: &mut Rng) {
        for change in std::mem::take(&mut self.pending) {
            if style.keeps(rng) {
                apply(&mut self.dirs, &change, |dir| &mut dir.durable);
            }
        }
        for dir in self.dirs.values_mut() {
            dir.visible = dir.durable.clone();
        }
        let mut reachable = BTreeSet::from([ROOT]);
        self.walk(|_, node| {
            if let Node::Dir(dir) = node {
                reachable.insert(*dir);
            }
        });
        self.dirs.retain(|dir, _| reachable.contains(dir));
    }

    /// Visits everything that has a name, in the order of paths.
    pub(super) fn walk(&self, mut visit: impl FnMut(&str, &Node)) {
        self.walk_dir(ROOT, "", &mut visit);
    }

    fn walk_dir(&self, dir: DirId, prefix: &str, visit: &mut impl FnMut(&str, &Node)) {
        for (name, node) in &self.dirs[&dir].visible {
            let path = format!("{prefix}{name}");
            visit(&path, node);
            if let Node::Dir(dir) = node {
                self.walk_dir(*dir, &format!("{path}/"), visit);
            }
        }
    }

    /// Every file that has a name, each once.
    pub(super) fn files(&self) -> Vec<(String, Arc<FileNode>)> {
        let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
        self.walk(|path, node| {
            if let Node::File(file) = node
                && seen.insert(file.id)
            {
                files.push((path.to_owned(), Arc::clone(file)));
            }
        });
        files
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.dirs, &change, |dir| &mut dir.visible);
        if self.tracked {
            self.pending.push(change);
        }
    }

    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Folder and name that a path stands for.
    fn place(&self, path: &Path) -> Result<Place, Errno> {
        let name = path.components().next_back().ok_or(Errno::BUSY)?;
        match self.find(path.parent().unwrap_or(Path::new("")))? {
            Node::Dir(dir) => Ok(Place { dir, name: name_of(name)?.to_owned() }),
            Node::File(_) => Err(Errno::NOTDIR),
        }
    }

    fn free_place(&self, path: &Path) -> Result<Place, Errno> {
        if path.as_os_str().is_empty() {
            return Err(Errno::EXIST); // the root
        }
        let place = self.place(path)?;
        match self.dirs[&place.dir].visible.contains_key(&place.name) {
            true => Err(Errno::EXIST),
            false => Ok(place),
        }
    }
}

fn name_of(part: Component<'_>) -> Result<&str, Errno> {
    part.as_os_str().to_str().ok_or(Errno::ILSEQ)
}

fn apply(
    dirs: &mut BTreeMap<DirId, Dir>,
    change: &Change,
    side: impl Fn(&mut Dir) -> &mut BTreeMap<String, Node>,
) {
    if let Some(place) = &change.removed
        && let Some(dir) = dirs.get_mut(&place.dir)
    {
        let entries = side(dir);
        if entries.get(&place.name).is_some_and(|found| found.is(&change.node)) {
            entries.remove(&place.name);
        }
    }
    if let Some(place) = &change.added
        && let Some(dir) = dirs.get_mut(&place.dir)
    {
        side(dir).insert(place.name.clone(), change.node.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &Names) -> Vec<String> {
        let mut paths = Vec::new();
        names.walk(|path, _| paths.push(path.to_owned()));
        paths
    }

    /// What each of many crashes leaves.
    fn outcomes(build: impl Fn() -> Names) -> BTreeSet<Vec<String>> {
        (0..200)
            .map(|seed| {
                let (mut names, mut rng) = (build(), Rng::new(seed));
                names.crash(CrashStyle::draw(&mut rng), &mut rng);
                paths(&names)
            })
            .collect()
    }

    fn synced(create: &[&str]) -> Names {
        let mut names = Names::new(true);
        for path in create {
            names.create_file(Path::new(path)).unwrap();
        }
        names.sync_dir(Path::new("")).unwrap();
        names
    }

    #[test]
    fn a_new_name_may_be_lost_until_its_own_folder_is_synced() {
        let build = || {
            let mut names = Names::new(true);
            names.create_dir(Path::new("orders-0")).unwrap();
            names.create_file(Path::new("orders-0/0.log")).unwrap();
            names
        };
        let found = outcomes(|| {
            let mut names = build();
            names.sync_dir(Path::new("")).unwrap();
            names
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|paths| paths[0] == "orders-0"));

        let found = outcomes(|| {
            let mut names = build();
            names.sync_dir(Path::new("orders-0")).unwrap();
            names
        });
        assert!(found.contains(&Vec::new()), "a synced file goes with its unsynced folder: {found:?}");

        let found = outcomes(|| {
            let mut names = build();
            names.sync_dir(Path::new("orders-0")).unwrap();
            names.sync_dir(Path::new("")).unwrap();
            names
        });
        assert_eq!(found, BTreeSet::from([vec!["orders-0".to_owned(), "orders-0/0.log".to_owned()]]));
    }

    #[test]
    fn an_unsynced_rename_leaves_the_old_or_the_new_name_and_never_neither() {
        let found = outcomes(|| {
            let mut names = synced(&["a.tmp", "other"]);
            names.rename(Path::new("a.tmp"), Path::new("a")).unwrap();
            names.remove_file(Path::new("other")).unwrap();
            names
        });
        let expected = [&["a"][..], &["a", "other"], &["a.tmp"], &["a.tmp", "other"]];
        let expected = expected.map(|paths| paths.iter().map(|&path| path.to_owned()).collect());
        assert_eq!(found, BTreeSet::from(expected));
    }

    #[test]
    fn a_sync_covers_the_earlier_changes_of_other_folders_that_a_rename_builds_on() {
        let mut names = Names::new(true);
        names.create_dir(Path::new("a")).unwrap();
        names.create_dir(Path::new("b")).unwrap();
        names.sync_dir(Path::new("")).unwrap();
        names.create_file(Path::new("b/x")).unwrap();
        names.create_file(Path::new("a/x")).unwrap();
        names.rename(Path::new("a/x"), Path::new("b/x")).unwrap();
        names.remove_file(Path::new("b/x")).unwrap();
        names.sync_dir(Path::new("b")).unwrap();
        names.crash(CrashStyle::KeepAll, &mut Rng::new(0));
        assert_eq!(paths(&names), ["a", "b"], "what was removed and synced does not come back");
    }

    #[test]
    fn a_failed_folder_sync_is_not_made_good_by_a_later_one() {
        let mut lost = 0;
        for seed in 0..50 {
            let mut names = synced(&[]);
            names.create_file(Path::new("x")).unwrap();
            names.lose_dir(Path::new(""), &mut Rng::new(seed)).unwrap();
            assert_eq!(paths(&names), ["x"]);
            names.sync_dir(Path::new("")).unwrap();
            names.crash(CrashStyle::KeepAll, &mut Rng::new(seed));
            lost += u32::from(paths(&names).is_empty());
        }
        assert!(lost > 10, "{lost}");
    }

    #[test]
    fn a_folder_does_not_move_into_itself_nor_over_a_full_one() {
        let mut names = Names::new(true);
        names.create_dir(Path::new("a")).unwrap();
        names.create_dir(Path::new("b")).unwrap();
        names.create_file(Path::new("b/x")).unwrap();
        assert_eq!(names.rename(Path::new("a"), Path::new("a/c")), Err(Errno::INVAL));
        assert_eq!(names.rename(Path::new("a"), Path::new("b")), Err(Errno::NOTEMPTY));
        assert_eq!(names.rename(Path::new("b/x"), Path::new("a")), Err(Errno::ISDIR));
        names.rename(Path::new("b/x"), Path::new("b/x")).unwrap();
        assert_eq!(paths(&names), ["a", "b", "b/x"]);
    }
}
