/* From the first instruction (crt0) to main(). */
#include "compat.h"

int	main(int argc, char **argv);
_Noreturn void __libc_start(int argc, char **argv);

/* Most mains call exit(); one that returns ends with what it returns. */
_Noreturn void
__libc_start(int argc, char **argv)
{
	__sys_exit(main(argc, argv));
}
