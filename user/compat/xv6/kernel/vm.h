/* How sys_sbrk() gets its pages. */
#ifndef XV6_VM_H
#define XV6_VM_H

#define SBRK_EAGER	1	/* now, or it fails */
#define SBRK_LAZY	2	/* each when it is touched first */

#endif
