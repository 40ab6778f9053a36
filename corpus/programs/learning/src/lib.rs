//! What the learning programs share: leaving threads to a library that brings its own.

/// Hands the thread count over to the library's pool, so that one thread of ours drives it.
pub fn let_library_use(options: &mut runner::Options) {
    // SAFETY: called first thing in `main`, while there is one thread.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", options.threads.to_string()) };
    options.threads = 1;
}
