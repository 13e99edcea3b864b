// Names that programs define themselves, some of them the library's.
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/riscv.h"
#include "user/user.h"

#define MAP_FAILED ((char *)-1)
#define N          3

char buf[512];
char *mem;
int run, err;
struct cpu {
	int n;
};
struct cmd {
	int type;
};
struct proc {
	int pid;
};
char *text = "text";
int errno, stdin, stdout, environ, next, out, args;

void
copyin(char *s)
{
	buf[0] = *s;
}
void
panic(char *s)
{
	fprintf(2, "%s\n", s);
	exit(1);
}
int
min(int a, int b)
{
	return a < b ? a : b;
}
int
max(int a, int b)
{
	return a > b ? a : b;
}
char *
itoa(int n)
{
	buf[0] = '0' + n;
	buf[1] = 0;
	return buf;
}
int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}
int
strncmp(const char *a, const char *b, uint n)
{
	while (n && *a && *a == *b)
		n--, a++, b++;
	return n ? *a - *b : 0;
}

// The library's own do not call these.
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
void *
memcpy(void *to, const void *from, uint n)
{
	return memmove(to, from, n);
}
char *
gets(char *s, int max)
{
	strcpy(s, "my gets");
	return s;
}
int
sleep(int n)
{
	return n * 2;
}
char *
sbrk(int n)
{
	return "my sbrk";
}
int
atoi(const char *s)
{
	return -5;
}

int
main(int argc, char *argv[])
{
	char line[20], *p;

	copyin("z");
	mem = malloc(100);
	p = malloc(200000);
	memset(p, 1, 200000);
	printf("%s %d %d %s\n", itoa(4), min(1, 2), max(1, 2), text);
	printf("%d %d %s %d\n", strlen("a"), write(1, "lost\n", 5), gets(line, 20), sleep(4));
	printf("%s %d %d %d\n", sbrk(3), atoi("12"), isdigit('7'), strncmp("abc", "abd", 2));
	printf("%d\n", mem != 0 && p[199999] == 1 && err == 0 && run == 0);
	exit(0);
}
