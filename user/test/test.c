/* The harness of the guest tests: see test.h. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FAILED	99		/* exit status of a process in which a check failed */

unsigned test_seed;
long test_rounds;
long test_seconds;
const char *test_program;
void *test_bad = (void *)8;
int (*test_exec_hook)(int argc, char **argv);

struct test *test_first;
static struct test **last = &test_first;
static const char *current = "";

void
test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

void
test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("     %s: %s:%d: %s\n", current, file, line, text);
	fflush(stdout);
	_exit(FAILED);
}

/* ---- processes ---- */

pid_t
spawn(int (*fn)(void *), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int status = fn(arg);

		fflush(stdout);
		_exit(status);
	}
	return pid;
}

int
run_child(int (*fn)(void *), void *arg)
{
	pid_t pid = spawn(fn, arg);
	int status;

	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

void
check_child(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void
check_killed(pid_t pid, int sig)
{
	int status;

	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), sig);
}

void
wait_asleep(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		struct kinfo_proc p;

		CHECK(kinfo(KINFO_PROC, 0, (uint64_t)pid, &p, sizeof(p)) > 0);
		CHECK_EQ(p.pid, pid);
		if (p.state == 'S')
			return;
		sleep_ms(10);
	}
	test_fail(__FILE__, __LINE__, "process %d does not go to sleep", (int)pid);
}

/* ---- helpers ---- */

void
sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000l }, NULL);
}

bool
test_goes_on(long i, long n, time_t start)
{
	return test_seconds > 0 ? time(NULL) - start < test_seconds : i < n;
}

static uint64_t random_state;

void
test_reseed(unsigned seed)
{
	random_state = seed;
}

uint32_t
random32(void)
{
	random_state += 0x9e3779b97f4a7c15ull;
	uint64_t z = random_state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)(z >> 32);
}

uint32_t
random_below(uint32_t n)
{
	return (uint32_t)((uint64_t)random32() * n >> 32);
}

void
write_file(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, n), n);
	CHECK_EQ(close(fd), 0);
}

static unsigned char
pattern_byte(unsigned seed, size_t i)
{
	return (unsigned char)((seed + i) * 2654435761u >> 13 ^ i >> 8);
}

void
fill_pattern(void *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = pattern_byte(seed, i);
}

bool
is_pattern(const void *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		if (((const unsigned char *)p)[i] != pattern_byte(seed, i))
			return false;
	return true;
}

/* ---- running ---- */

static void
remove_tree(const char *path)
{
	struct stat st;
	struct dirent *e;
	DIR *d;

	if (lstat(path, &st) < 0)
		return;
	d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (d && (e = readdir(d))) {
		char child[PATH_MAX];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", path, e->d_name) < PATH_MAX)
			remove_tree(child);
	}
	if (d)
		closedir(d);
	unlink(path);
}

/* In the process of the test. */
static _Noreturn void
run_inside(struct test *t, const char *folder)
{
	current = t->name;
	test_reseed(test_seed);
	if (mkdir(folder, 0777) < 0 || chdir(folder) < 0) {
		printf("     %s: %s: %s\n", t->name, folder, strerror(errno));
		exit(FAILED);
	}
	t->run();
	exit(0);
}

static int
run_process(struct test *t)
{
	char folder[40];
	pid_t pid;
	int status;

	snprintf(folder, sizeof(folder), "/tmp/%.14s", t->name);
	remove_tree(folder);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_inside(t, folder);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	remove_tree(folder);
	return status;
}

/* Every page of this program is there: under pressure the kernel may have taken some. */
static void
touch_program(void)
{
	extern char __executable_start[], _end[];

	for (volatile char *p = __executable_start; p < _end; p += PAGE_SIZE)
		(void)*p;
}

/* Without getNumFreePages' allowance for kernel objects: a lost one shall be seen. */
static long
free_frames(void)
{
	struct kinfo_mem m;

	if (kinfo(KINFO_MEM, 0, 0, &m, sizeof(m)) <= 0)
		return -1;
	return (long)m.free -
	    (m.objects < KINFO_OBJECT_FRAMES ? (long)m.objects - KINFO_OBJECT_FRAMES : 0);
}

/* Frames that are fewer than BEFORE: what ended processes leave may need a moment. */
static long
missing_frames(long before, int rule)
{
	long missing = 0;

	for (int i = 0; rule != FRAMES_ANY && i < 40; i++) {
		touch_program();
		missing = before - free_frames();
		if (missing < 0 && rule == FRAMES_MORE)
			missing = 0;
		if (missing == 0)
			break;
		sleep_ms(50);
	}
	return missing;
}

static const char *
verdict(struct test *t)
{
	static char why[80];
	long before, missing;
	int status;

	touch_program();
	sync();				/* a commit under way has copies of what it writes */
	before = free_frames();
	status = run_process(t);
	why[0] = '\0';
	if (status == -1)
		snprintf(why, sizeof(why), ": no process for it");
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), ": killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == FAILED)
		snprintf(why, sizeof(why), ": see above");
	else if (status != 0)
		snprintf(why, sizeof(why), ": exit status %d", WEXITSTATUS(status));
	else if ((missing = missing_frames(before, t->frames)) != 0)
		snprintf(why, sizeof(why), ": %ld frames %s", missing < 0 ? -missing : missing,
		    missing < 0 ? "more than before" : "are missing");
	return why;
}

/* A process, a program, a folder, an orphan: what most tests need. */
static void
a_bit_of_everything(void)
{
	int end[2], piped = pipe(end);
	pid_t pid = fork();
	char c;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (fork() == 0)
			sleep_ms(1);
		else if (dup2(null, 1) == 1)
			execl(test_program, test_program, "-l", (char *)NULL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (piped < 0)
		return;
	/* The orphan is to be gone when frames are counted. */
	close(end[1]);
	read(end[0], &c, 1);
	sleep_ms(20);
}

/*
 * Lets the kernel and init have again what they keep for good once they needed it, so that the
 * count before a test is right: at the start, and after a test that took it from them.
 */
static void
warm_up(void)
{
	static struct test t = { .name = "warm-up", .run = a_bit_of_everything };

	t.frames = FRAMES_ANY;
	verdict(&t);
	t.frames = FRAMES_SAME;
	verdict(&t);
}

const char *
test_verdict(struct test *t)
{
	static bool cold = true;

	if (cold)
		warm_up();
	cold = t->frames == FRAMES_MORE;
	return verdict(t);
}
