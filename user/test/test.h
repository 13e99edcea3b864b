/*
 * Guest tests. A program holds several, each with a name and a sentence:
 *
 *	TEST(read_at_end, "read() at the end of a file returns 0")
 *	{
 *		int fd = open("x", O_RDWR | O_CREAT);
 *
 *		CHECK(fd >= 0);
 *		CHECK_EQ(read(fd, buf, 10), 0);
 *	}
 *
 * Each test runs in a process and a folder (/tmp/NAME) of its own; when it has ended and the folder
 * is removed there must be as many free frames as before. Its name is printed with ok or FAIL.
 *
 *	t_NAME [-l] [-s SEED] [-n ROUNDS] [-t SECONDS] [TEST]...
 *
 * -l lists the tests; -s, -n and -t set test_seed, test_rounds and test_seconds. Without names all
 * run. Status: 0 all passed, 1 some failed, 2 usage.
 */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct test {
	struct test *next;
	const char *name, *sentence;
	void (*run)(void);
	int frames;		/* FRAMES_* */
	bool slow;		/* not one of usertests -q */
};

/* What the free frames must do. */
#define FRAMES_SAME	0
/* The test takes all memory: text pages of sleeping processes, init's say, may have become free. */
#define FRAMES_MORE	1
#define FRAMES_ANY	2

void	test_register(struct test *t);

#define TEST_KIND(id, text, frames, slow)					\
	static void test_##id(void);						\
	static struct test test_struct_##id = { NULL, #id, text, test_##id, frames,	\
		slow };								\
	__attribute__((constructor)) static void				\
	test_register_##id(void)						\
	{									\
		test_register(&test_struct_##id);				\
	}									\
	static void								\
	test_##id(void)
#define TEST(id, text)			TEST_KIND(id, text, FRAMES_SAME, false)
#define TEST_PRESSES(id, text)		TEST_KIND(id, text, FRAMES_MORE, false)
#define TEST_SLOW(id, text)		TEST_KIND(id, text, FRAMES_SAME, true)
#define TEST_SLOW_PRESSES(id, text)	TEST_KIND(id, text, FRAMES_MORE, true)
/* Something outside the test has its hand in: frames are not counted. */
#define TEST_UNCOUNTED(id, text)	TEST_KIND(id, text, FRAMES_ANY, false)

/* Fails the test, in whichever of its processes. */
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define CHECK(cond) \
	((cond) ? (void)0 : test_fail(__FILE__, __LINE__, "%s (errno %d)", #cond, errno))
#define CHECK_EQ(a, b)									\
	do {										\
		long long va_ = (long long)(a), vb_ = (long long)(b);			\
		if (va_ != vb_)								\
			test_fail(__FILE__, __LINE__, "%s is %lld, not %lld = %s (errno %d)",	\
			    #a, va_, vb_, #b, errno);					\
	} while (0)
#define CHECK_STR(a, b)									\
	do {										\
		const char *va_ = (a), *vb_ = (b);					\
		if (strcmp(va_, vb_) != 0)						\
			test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #a,	\
			    va_, vb_);							\
	} while (0)
/* The call fails with this errno. */
#define CHECK_FAILS(call, e)								\
	do {										\
		errno = 0;								\
		if ((long)(call) != -1 || errno != (e))					\
			test_fail(__FILE__, __LINE__, "%s: errno is %d, not %d = %s", #call,	\
			    errno, e, #e);						\
	} while (0)

extern unsigned test_seed;	/* -s, else from the clock; it is printed */
extern long test_rounds;	/* -n, else 0: as the test likes */
extern long test_seconds;	/* -t, else 0: see test_goes_on */
extern const char *test_program;	/* path of this program, to exec itself */

/* A process that calls FN(ARG) and exits with what it returns. */
pid_t	spawn(int (*fn)(void *), void *arg);
/* waitpid's status of a process that calls FN(ARG). */
int	run_child(int (*fn)(void *), void *arg);
/* The child must exit with 0. */
void	check_child(pid_t pid);
void	check_killed(pid_t pid, int sig);
/* The process must sleep in something within a few seconds: -1 does not. */
void	wait_asleep(pid_t pid);

/* "EXEC ARG..." of this program, run instead of the tests; see test_program. */
extern int (*test_exec_hook)(int argc, char **argv);

extern void *test_bad;		/* an address where nothing is */

/* For main.c and usertests, which run the tests: all of them, in the order of their definition. */
extern struct test *test_first;
/* Runs T, in a process and a folder of its own; why it failed, "" when it did not. */
const char *test_verdict(struct test *t);

uint32_t random32(void);	/* from test_seed */
void	test_reseed(unsigned seed);	/* for processes that must not all do the same */
uint32_t random_below(uint32_t n);
void	sleep_ms(int ms);

/* Whether round I is still to run: there are N, or with -t as many as fit the time since START. */
bool	test_goes_on(long i, long n, time_t start);

void	write_file(const char *path, const void *data, size_t n);
/* N bytes that depend on SEED only, and whether P holds them. */
void	fill_pattern(void *p, size_t n, unsigned seed);
bool	is_pattern(const void *p, size_t n, unsigned seed);

#endif
