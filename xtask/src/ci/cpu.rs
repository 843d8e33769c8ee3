//! How much processor time the children of this process have taken: on a machine that others use too, it says more
//! about a step than the clock on the wall does.

use std::fs;
use std::time::Duration;

/// Linux tells times to programs in hundredths of a second, whatever its own clock ticks at.
const TICK: Duration = Duration::from_millis(10);

/// What all children that have ended took so far, and theirs; `None` where nobody tells.
pub(super) fn of_children() -> Option<Duration> {
    parse(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// `cutime` and `cstime`, fields 16 and 17 of `proc(5)`; the second field is a name in parentheses that may hold anything.
fn parse(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(13);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(TICK * (user + system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_children_are_found_behind_whatever_name() {
        let stat = "7 (x) 1 (y) S 1 7 7 0 -1 4194304 10 20 0 0 11 12 350 150 20 0 1 0 99 8192 0";
        assert_eq!(parse(stat), Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_file_of_another_shape_tells_nothing() {
        assert_eq!(parse("7 (xtask) S 1"), None);
    }
}
