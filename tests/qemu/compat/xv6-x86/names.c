// Names that programs define themselves, some of them the library's.
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fcntl.h"

#define MAP_FAILED ((char *)-1)
#define PROT_READ  7

char buf[512];
char *mem;
int run, err, errno;

void
copyin(char *s)
{
	buf[0] = *s;
}
void
panic(char *s)
{
	printf(2, "%s\n", s);
	exit();
}
static int
min(int a, int b)
{
	return a < b ? a : b;
}
char *
itoa(int n)
{
	buf[0] = '0' + n;
	buf[1] = 0;
	return buf;
}
static void *
memcpy(void *to, void *from, int n)
{
	return memmove(to, from, n);
}
static int
memcmp(char *a, char *b)
{
	return *a - *b;
}
int
symlinks(void)
{
	return PROT_READ;
}
uint
strlen(const char *s)
{
	return 1000;
}
int
write(int fd, const void *p, int n)
{
	return -77;
}
int
read(int fd, void *p, int n)
{
	return -78;
}

int
main(int argc, char *argv[])
{
	char line[20];

	copyin("z");
	memcpy(line, "line", 5);
	mem = malloc(5000);
	printf(1, "%s %d %s %d\n", itoa(4), min(1, 2), line, memcmp("b", "a"));
	printf(1, "%d %d %d\n", strlen("a"), write(1, "lost\n", 5), read(0, line, 1));
	printf(1, "%d %d\n", mem != 0 && err == 0 && run == 0, symlinks());
	exit();
}
