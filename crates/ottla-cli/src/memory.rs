//! How the system's allocator deals with the threads of a broker.
//!
//! glibc gives each thread an arena of its own, eight for each core, and memory that one thread allocates and another
//! frees goes back to the arena that it came from. What a broker receives is allocated by whichever
//! thread serves the connection and freed by whichever lets the oldest of the tail go, so after a
//! few gigabytes dozens of arenas held what nobody used: 150 MB where 36 do. Few threads allocate at one time, and
//! small pieces come from a cache of each thread, so that an arena for four cores costs no time that was found.

/// Limits the arenas to one for each four cores, unless the environment says how many there may be.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc's allocator is told by a C call alone")]
pub(crate) fn few_arenas() {
    if std::env::var_os("MALLOC_ARENA_MAX").is_some() {
        return;
    }
    let arenas = std::ffi::c_int::try_from(crate::cores().div_ceil(4)).unwrap_or(1);
    // SAFETY: takes two numbers, and may be called at any time. An answer of 0 says that it changed nothing.
    let _changed = unsafe { libc::mallopt(libc::M_ARENA_MAX, arenas) };
}

/// Other allocators have no arenas.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn few_arenas() {}
