/*
 * What our plugins use of QEMU's plugin interface, as its documentation
 * (docs/devel/tcg-plugins.rst) describes it: many distributions ship QEMU
 * without its header. PLUGIN_API is the version to build for:
 *
 *	1	QEMU 4.2 to 8.2
 *	2	QEMU 9.0: counters are per processor, in scoreboards
 *	3	QEMU 9.1 and later: an instruction's bytes are copied out
 */
#ifndef BENCH_PLUGIN_QEMU_H
#define BENCH_PLUGIN_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PLUGIN_API
#define PLUGIN_API	1
#endif

#define EXPORT	__attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

/* Starts with the name of the target; nothing more of it is used here. */
struct qemu_info {
	const char *target_name;
};

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

enum { INLINE_ADD_U64 = 0 };
enum { CB_NO_REGS = 0 };
enum { MEM_R = 1, MEM_W, MEM_RW };

typedef void translate_fn(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void exec_fn(unsigned int cpu, void *data);
typedef void mem_fn(unsigned int cpu, qemu_plugin_meminfo_t, uint64_t va, void *data);
typedef void exit_fn(qemu_plugin_id_t, void *data);

/* Ours; QEMU reads the first before it calls the second. */
extern int qemu_plugin_version;
int	qemu_plugin_install(qemu_plugin_id_t, const struct qemu_info *, int argc, char **argv);

void	qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translate_fn *);
void	qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, exec_fn *, int, void *);
void	qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_fn *, int flags, int rw,
	    void *);
void	qemu_plugin_register_atexit_cb(qemu_plugin_id_t, exit_fn *, void *);

size_t	qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t	qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

bool	qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, uint64_t va);
bool	qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

#if PLUGIN_API >= 2
struct qemu_plugin_scoreboard;
typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
void	*qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *, unsigned int cpu);
void	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *, int op,
	    qemu_plugin_u64, uint64_t);
#else
void	qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *,
	    uint64_t);
#endif

#if PLUGIN_API >= 3
size_t	qemu_plugin_insn_data(const struct qemu_plugin_insn *, void *, size_t);
#else
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
#endif

#endif
