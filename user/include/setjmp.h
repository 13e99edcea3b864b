/* Non-local jumps. C11 7.13; POSIX.1-2017, <setjmp.h>. Room for the registers a call keeps. */
#ifndef _SETJMP_H
#define _SETJMP_H

typedef unsigned long jmp_buf[32];

int	setjmp(jmp_buf env) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf env, int value);

#endif
