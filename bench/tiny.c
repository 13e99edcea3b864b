/* The smallest program: what an exec costs by itself. */
#ifdef XV6
#include "kernel/types.h"
#include "user/user.h"
#else
#include <stdlib.h>
#endif

int
main(void)
{
	exit(0);
}
