/* Names for clang's thread-safety attributes; nothing for other compilers. */
#ifndef KERN_ANNOTATE_H
#define KERN_ANNOTATE_H

#ifdef __clang__
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif

#define LOCK_TYPE(name)	TSA(capability(name))
#define ACQUIRES(...)	TSA(acquire_capability(__VA_ARGS__))
#define RELEASES(...)	TSA(release_capability(__VA_ARGS__))
#define TRIES(ok, ...)	TSA(try_acquire_capability(ok, __VA_ARGS__))
#define REQUIRES(...)	TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...)	TSA(locks_excluded(__VA_ARGS__))
#define NO_TSA		TSA(no_thread_safety_analysis)

#endif
