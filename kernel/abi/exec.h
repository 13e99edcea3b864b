/*
 * What a program finds at its first instruction.
 *
 * The stack pointer SP is a multiple of 16 and points at these words, in the
 * pages between the stack and the heap; the stack grows down from there:
 *
 *	SP + 0 words	0, a return address that leads nowhere
 *	SP + 1		argc
 *	SP + 2		argv: the address of word 4
 *	SP + 3		envp: the address of word 4 + argc + 1
 *	SP + 4		argv[0] ... argv[argc - 1], NULL
 *			envp[0] ..., NULL
 *			the strings
 *
 * so that where arguments are passed on the stack it looks like a call
 * f(argc, argv, envp). Where they are passed in registers, the first two hold argc
 * and argv. Other registers are 0.
 */
#ifndef ABI_EXEC_H
#define ABI_EXEC_H

#define EXEC_WORDS	4	/* before argv[0] */

#endif
