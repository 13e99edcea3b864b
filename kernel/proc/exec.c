/*
 * exec: builds the new program beside the old one, so that until the last step a
 * failure leaves everything as it was. The program's memory, from low to high
 * (SPEC 2.1): its segments, a guard page, the stack, the arguments (abi/exec.h), the heap.
 */
#include "abi/exec.h"

#include "abi/info.h"
#include "abi/limits.h"
#include "fs/fs.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "proc/elf.h"
#include "proc/tree.h"

#define WORD		sizeof(unsigned long)
#define ARG_PAGES	((QUIRE_ARG_MAX + (EXEC_WORDS + 2) * WORD) / PAGE_SIZE + 1)
#define FETCH_WORDS	8		/* of argv or envp at a time */
#define SCRIPT_WORDS	3		/* interpreter, its argument, the script */

uint32_t proc_execs;

struct exec {
	const char *path;		/* as given; the new name comes from it */
	struct inode *ip;
	struct space *space;
	struct page *own;		/* made for a region that is not there yet */
	/* The arguments: those of `first`, then argv without its first SKIP, then envp. */
	const char *first[SCRIPT_WORDS];
	unsigned nfirst, skip;
	vaddr_t	 argv, envp;		/* the caller's; 0: empty */
	struct exec_limits left;	/* what the limits still allow */
	unsigned argc, envc;		/* argc: with `first` */
	vaddr_t	 base;			/* where they will be */
	size_t	 used;			/* bytes of them so far */
	unsigned npages;
	/* From here on not zero at the beginning. */
	struct page *page[1 + ARG_PAGES]; /* the stack's highest, theirs; NULL: not reached */
	char	*at[1 + ARG_PAGES];	/* where these are */
	struct elf_image image;
	char	 script[QUIRE_PATH_MAX];	/* the line behind "#!", cut into words */
	struct elf_head head;
};

SLAB_CACHE(exec_cache, struct exec);

/* ---- arguments ---- */

/* Page I of e->page, zeroed. */
static err_t
new_page(struct exec *e, size_t i)
{
	struct page *p;

	if (i > ARG_PAGES)
		return ERR(E2BIG);
	p = page_alloc_wait(PAGE_ANON);
	if (p == NULL)
		return ERR(ENOMEM);
	while (e->npages <= i)
		e->page[e->npages++] = NULL;
	e->page[i] = p;
	e->at[i] = page_virt(p);
	md_page_clear(e->at[i]);
	return OK;
}

static inline err_t
args_page(struct exec *e, size_t off, void **at)
{
	size_t i = 1 + off / PAGE_SIZE;

	if (unlikely(i >= e->npages || e->page[i] == NULL)) {
		err_t err = new_page(e, i);

		if (err != OK)
			return err;
	}
	*at = e->at[i] + off % PAGE_SIZE;
	return OK;
}

static err_t
spend(struct exec *e, size_t n)
{
	if (n > e->left.max_bytes)
		return ERR(E2BIG);
	e->left.max_bytes -= n;
	return OK;
}

/* *AT: where the next string goes, with so much room; 0: there is none. */
static inline size_t
args_room(struct exec *e, void **at, err_t *err)
{
	size_t room = MIN(PAGE_SIZE - e->used % PAGE_SIZE, e->left.max_bytes);

	*err = room == 0 ? ERR(E2BIG) : args_page(e, e->used, at);
	return *err == OK ? room : 0;
}

static inline void
args_used(struct exec *e, size_t n)
{
	e->used += n;
	e->left.max_bytes -= n;
}

/* The string at UVA to the end of what is there. */
static inline err_t
args_string(struct exec *e, vaddr_t uva)
{
	size_t room;
	err_t err;
	void *at;

	while ((room = args_room(e, &at, &err)) > 0) {
		long n = md_copyinstr(at, uva, room);

		if (likely(n >= 0)) {
			args_used(e, (size_t)n + 1);
			return OK;
		}
		if (n != -ENAMETOOLONG)
			return err_from(n);
		args_used(e, room);
		uva += room;
	}
	return err;
}

/*
 * The pointers of the caller's VEC become words from INDEX on, with the NULL; *N: how many. A few
 * are fetched at a time, of one page: what lies behind the last need not be there.
 */
static err_t
fetch_vector(struct exec *e, vaddr_t vec, size_t index, unsigned *n)
{
	for (*n = 0; vec != 0;) {
		size_t off = (index + *n) * WORD, k = (PAGE_SIZE - (vec & PAGE_MASK)) / WORD;
		unsigned long *p, *end;
		void *at;
		err_t err = args_page(e, off, &at);

		k = MIN(MAX(k, 1), MIN((PAGE_SIZE - off % PAGE_SIZE) / WORD, FETCH_WORDS));
		if (err == OK)
			err = md_copyin(at, vec, k * WORD);
		if (err != OK)
			return err;
		end = (unsigned long *)at + k;
		for (p = at; p < end && *p != 0; p++)
			if (e->left.max_strings-- == 0)
				return ERR(E2BIG);
		*n += (unsigned)(p - (unsigned long *)at);
		if (p < end) {
			while (++p < end)
				*p = 0;
			return spend(e, *n * WORD);
		}
		vec += k * WORD;
	}
	return OK;
}

/* The strings that N words from INDEX on point to, in the caller's memory; and then in the new. */
static err_t
args_strings(struct exec *e, size_t index, unsigned n)
{
	for (size_t i = index; i < index + n; i++) {
		vaddr_t will_be = e->base + e->used, is;
		unsigned long *word;
		void *at;
		err_t err = args_page(e, i * WORD, &at);

		if (err != OK)
			return err;
		word = at;
		is = *word;
		*word = will_be;
		err = args_string(e, is);
		if (err != OK)
			return err;
	}
	return OK;
}

/* They come first: their page is not short of room. */
static err_t
args_first(struct exec *e)
{
	for (unsigned i = 0; i < e->nfirst; i++) {
		unsigned long will_be = e->base + e->used;
		size_t room, len;
		void *at;
		err_t err = args_page(e, (EXEC_WORDS + i) * WORD, &at);

		if (err != OK)
			return err;
		*(unsigned long *)at = will_be;
		room = args_room(e, &at, &err);
		if (err != OK)
			return err;
		len = str_copy(at, e->first[i], room);
		if (len >= room)
			return ERR(E2BIG);
		args_used(e, len + 1);
	}
	return OK;
}

/* What is skipped of argv is where the last of `first` will be. */
static err_t
args_build(struct exec *e)
{
	size_t argv = EXEC_WORDS + e->nfirst, envp;
	unsigned long *head;
	void *at;
	unsigned n;
	err_t err = fetch_vector(e, e->argv, argv - e->skip, &n);

	n -= MIN(e->skip, n);
	e->argc = e->nfirst + n;
	envp = argv + n + 1;
	if (err == OK)
		err = fetch_vector(e, e->envp, envp, &e->envc);
	e->used = (envp + e->envc + 1) * WORD;
	if (err == OK)
		err = args_first(e);
	if (err == OK)
		err = args_strings(e, argv, n);
	if (err == OK)
		err = args_strings(e, envp, e->envc);
	if (err == OK)
		err = args_page(e, 0, &at);
	if (err != OK)
		return err;
	head = at;
	head[1] = e->argc;
	head[2] = e->base + EXEC_WORDS * WORD;
	head[3] = e->base + envp * WORD;
	return OK;
}

/* ---- the program's file ---- */

static err_t
open_program(struct exec *e, const char *path)
{
	err_t err = path_lookup(proc_current()->cwd, path, 0, &e->ip);

	if (err != OK)
		return err;
	return inode_type(e->ip) == T_FILE ? elf_read(e->ip, &e->head, &e->image) : ERR(EACCES);
}

/* "#!interpreter [argument]", cut into E's words. false: no script. */
static bool
read_script_line(struct exec *e)
{
	size_t n = MIN(e->head.n, sizeof(e->script) - 1);
	char *s = e->script, *end;

	memcpy(s, e->head.bytes, n);
	s[n] = '\0';
	if (s[0] != '#' || s[1] != '!')
		return false;
	end = strchr(s, '\n');
	if (end == NULL)
		return false;		/* too long to be believed */
	while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	*end = '\0';
	for (s += 2; *s == ' ' || *s == '\t'; s++)
		;
	e->first[0] = s;
	e->nfirst = 1;		/* a path that stood for a missing argv goes */
	while (*s != '\0' && *s != ' ' && *s != '\t')
		s++;
	while (*s == ' ' || *s == '\t')
		*s++ = '\0';
	if (*s != '\0')
		e->first[e->nfirst++] = s;
	return e->first[0][0] != '\0';
}

static err_t
find_program(struct exec *e)
{
	err_t err = open_program(e, e->path);

	if (err != ERR(ENOEXEC) || !read_script_line(e))
		return err;
	e->first[e->nfirst++] = e->path;
	e->skip = 1;
	inode_put(e->ip);
	e->ip = NULL;
	return open_program(e, e->first[0]);
}

/* ---- the new address space ---- */

static err_t
append(struct exec *e, vaddr_t start, vaddr_t end, struct map_request *m)
{
	m->start = start;
	m->len = end - start;
	m->maxprot = m->flags & KREG_GUARD ? 0 : PROT_RWX;
	return space_append(e->space, m);
}

/* e->own: the first KEEP bytes of page INDEX of the file, zeroes behind them. */
static err_t
copy_page(struct exec *e, uint64_t index, size_t keep)
{
	char *to;
	struct page *from;
	err_t err;

	e->own = page_alloc_wait(PAGE_ANON);
	if (e->own == NULL)
		return ERR(ENOMEM);
	err = object_page(inode_object(e->ip), (uint32_t)index, &from);
	if (err != OK)
		return err;
	to = page_virt(e->own);
	/* Whole pages are the machine's fastest: no more than half is done twice. */
	if (keep <= PAGE_SIZE / 2) {
		md_page_clear(to);
		memcpy(to, page_virt(from), keep);
	} else {
		md_page_copy(to, page_virt(from));
		memset(to + keep, 0, PAGE_SIZE - keep);
	}
	page_put(from);
	return OK;
}

/* The file's part of SEG is mapped, but for a last page of which a part is zero. */
static err_t
map_file_part(struct exec *e, const struct elf_segment *seg, vaddr_t start, vaddr_t end)
{
	struct map_request m = { .prot = seg->prot, .object = inode_object(e->ip),
		.objpage = (seg->offset - (seg->va - start)) >> PAGE_SHIFT, .resident = true };
	size_t tail = (seg->va + seg->filesz) & PAGE_MASK;
	err_t err = OK;

	if (seg->memsz > seg->filesz && tail > 0) {
		err = copy_page(e, m.objpage + ((end - start) >> PAGE_SHIFT) - 1, tail);
		m.last = &e->own;
		m.nlast = 1;
	}
	return err == OK ? append(e, start, end, &m) : err;
}

/* A segment that lies differently in its pages than in the file's. */
static err_t
copy_file_part(struct exec *e, const struct elf_segment *seg)
{
	struct page *bounce = page_alloc_wait(PAGE_KERNEL);
	size_t done = 0;
	err_t err = OK;

	if (bounce == NULL)
		return ERR(ENOMEM);
	while (done < seg->filesz && err == OK) {
		struct iobuf b = iobuf_kernel(page_virt(bounce));
		long n = inode_read(e->ip, seg->offset + done, &b,
		    MIN(seg->filesz - done, PAGE_SIZE));

		err = n == 0 ? ERR(ENOEXEC) : err_from(n);
		if (err == OK)
			err = space_store(e->space, seg->va + done, page_virt(bounce), (size_t)n);
		done += (size_t)n;
	}
	page_put(bounce);
	return err;
}

static err_t
load_segment(struct exec *e, const struct elf_segment *seg)
{
	vaddr_t start = PAGE_DOWN(seg->va), end = PAGE_UP(seg->va + seg->memsz);
	vaddr_t file_end = PAGE_UP(seg->va + seg->filesz);
	bool congruent = ((seg->offset ^ seg->va) & PAGE_MASK) == 0;
	err_t err = OK;

	if (seg->filesz == 0 || !congruent)
		file_end = start;
	else
		err = map_file_part(e, seg, start, file_end);
	if (err == OK && file_end < end) {
		struct map_request zero = { .prot = seg->prot, .resident = true };

		err = append(e, file_end, end, &zero);
	}
	if (err == OK && !congruent)
		err = copy_file_part(e, seg);
	return err;
}

/* One region: of the stack as much is there as if its highest page had been touched. */
static err_t
map_stack(struct exec *e, vaddr_t start, vaddr_t end)
{
	struct map_request m = { .prot = PROT_R | PROT_W, .flags = KREG_STACK, .last = e->page,
		.nlast = e->npages };
	err_t err = new_page(e, 0);

	assert(end - start == e->image.stack + (e->npages - 1) * PAGE_SIZE);
	return err == OK ? append(e, start, end, &m) : err;
}

static err_t
load(struct exec *e)
{
	vaddr_t guard = e->image.end, stack = guard + PAGE_SIZE;
	vaddr_t end = e->base + PAGE_UP(e->used);
	struct map_request below = { .flags = KREG_GUARD };
	err_t err = OK;

	e->space = space_begin();
	if (e->space == NULL)
		return ERR(ENOMEM);
	for (unsigned i = 0; i < e->image.nseg && err == OK; i++)
		err = load_segment(e, &e->image.seg[i]);
	if (err == OK)
		err = append(e, guard, stack, &below);
	if (err == OK)
		err = map_stack(e, stack, end);
	if (err == OK)
		space_finish(e->space, end);
	return err;
}

/* ---- all together ---- */

static err_t
build(struct exec *e)
{
	err_t err = find_program(e);

	if (err != OK)
		return err;
	if ((uint64_t)e->image.end + PAGE_SIZE + e->image.stack + ARG_PAGES * PAGE_SIZE > USER_MAX)
		return ERR(ENOEXEC);
	e->base = e->image.end + PAGE_SIZE + e->image.stack;
	err = args_build(e);
	return err == OK ? load(e) : err;
}

static void
set_name(struct proc *p, const char *path)
{
	const char *name = path;

	for (const char *s = path; *s != '\0'; s++)
		if (*s == '/' && s[1] != '\0')
			name = s + 1;
	str_copy(p->name, name, sizeof(p->name));
}

/* From here on nothing fails. */
static void
become(struct exec *e)
{
	struct proc *p = proc_current();
	struct space *old;

	mutex_lock(&proc_tree_lock);
	old = p->space;
	p->space = e->space;
	mutex_unlock(&proc_tree_lock);
	thread_set_pmap(e->space->pmap);
	e->space = old;
	md_tf_init(md_tf_of(p->thread.stack_top), e->image.entry, e->base, e->argc,
	    e->base + EXEC_WORDS * WORD);
	md_fp_clear(&p->thread.ctx);
	fdtable_close_on_exec(&p->fds);
	set_name(p, e->path);
	atomic_add_relaxed(&proc_execs, 1);
}

static void
exec_free(struct exec *e)
{
	if (e->space != NULL)
		space_put(e->space);
	inode_put(e->ip);
	if (e->own != NULL)
		page_put(e->own);
	for (unsigned i = 0; i < e->npages; i++)
		if (e->page[i] != NULL)
			page_put(e->page[i]);
	slab_free(&exec_cache, e);
}

long
proc_exec(const char *path, vaddr_t argv, vaddr_t envp, const struct exec_limits *limits)
{
	struct exec *e;
	err_t err;
	long argc;

	e = slab_alloc_wait(&exec_cache);
	if (e == NULL)
		return -ENOMEM;
	memset(e, 0, offsetof(struct exec, page));
	e->path = path;
	e->argv = argv;
	e->envp = envp;
	e->left = *limits;
	if (argv == 0)
		e->first[e->nfirst++] = e->path;
	err = build(e);
	argc = (long)e->argc;
	if (err == OK)
		become(e);
	exec_free(e);
	return err == OK ? argc : err_code(err);
}
