#include "kernel/types.h"
#include "user/user.h"

int
main(void)
{
	int t = uptime(), u;

	sleep(3);
	u = uptime() - t;
	printf("%d\n", u >= 3 && u < 60);
	printf("%d %d %d\n", pause(0), sleep(-5), pause(1));
	exit(0);
}
