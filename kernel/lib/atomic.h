/*
 * Atomic operations on plain integers and pointers: names for the compiler's
 * builtins. The order is in the name; without one it is sequentially
 * consistent. A plain store is one for words of the machine; gcc 12's builtin makes it
 * a swap on RISC-V.
 */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#define atomic_load(p)		  __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define atomic_load_relaxed(p)	  __atomic_load_n(p, __ATOMIC_RELAXED)
#define atomic_load_acquire(p)	  __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define atomic_store(p, v)	  __atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define atomic_store_relaxed(p, v)                                             \
	((void)sizeof(char[sizeof(*(p)) <= sizeof(long) ? 1 : -1]),            \
	    (void)(*(volatile __typeof__(*(p)) *)(p) = (v)))
#define atomic_store_release(p, v) (atomic_fence_release(), atomic_store_relaxed(p, v))
#define atomic_swap(p, v)	  __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define atomic_swap_relaxed(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELAXED)
#define atomic_swap_acquire(p, v) __atomic_exchange_n(p, v, __ATOMIC_ACQUIRE)
#define atomic_add(p, v)	  __atomic_add_fetch(p, v, __ATOMIC_SEQ_CST)
#define atomic_add_relaxed(p, v)  __atomic_add_fetch(p, v, __ATOMIC_RELAXED)
#define atomic_sub(p, v)	  __atomic_sub_fetch(p, v, __ATOMIC_SEQ_CST)
#define atomic_sub_release(p, v)  __atomic_sub_fetch(p, v, __ATOMIC_RELEASE)
#define atomic_or_relaxed(p, v)	  __atomic_or_fetch(p, v, __ATOMIC_RELAXED)
#define atomic_or(p, v)		  __atomic_or_fetch(p, v, __ATOMIC_SEQ_CST)
#define atomic_and_release(p, v)  __atomic_and_fetch(p, v, __ATOMIC_RELEASE)
#define atomic_and(p, v)	  __atomic_and_fetch(p, v, __ATOMIC_SEQ_CST)
#define atomic_fetch_and(p, v)	  __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST)
/* *p == *old ? (*p = v, true) : (*old = *p, false) */
#define atomic_cas(p, old, v)                                                  \
	__atomic_compare_exchange_n(p, old, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define atomic_cas_acquire(p, old, v)                                          \
	__atomic_compare_exchange_n(p, old, v, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
/* With RELEASE, which is nothing to a failure, gcc 12 gives RISC-V no order at all. */
#define atomic_cas_release(p, old, v)                                          \
	(atomic_fence_release(),                                               \
	    __atomic_compare_exchange_n(p, old, v, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
#define atomic_fence()		  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define atomic_fence_acquire()	  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define atomic_fence_release()	  __atomic_thread_fence(__ATOMIC_RELEASE)

#endif
