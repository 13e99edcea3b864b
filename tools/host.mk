# Kernel code on the host: tools for disk images, and tests with sanitizers.
#
#	make host-tools		build/host/tools/{mkfs,fsck,qimage}
#	make host-tests		build and run tests/host
#	make fuzz		damaged images by clang's libFuzzer, FUZZ_RUNS of them

HOSTCC	?= cc
HOST	?= build/host
HOST_CFLAGS := -std=gnu11 -g -Wall -Wextra -Wshadow -Wmissing-prototypes -fno-strict-aliasing \
	   -Ikernel -Itools/hostport/include -Itools/hostport -Itools
HT_FLAGS := $(HOST_CFLAGS) -O2
# What the tests are built with: the kernel's own checks, and the compiler's.
HS_FLAGS := $(HOST_CFLAGS) -O1 -DDEBUG -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	   -fno-omit-frame-pointer

# lib/string.c but str_copy is the C library's own here.
HK_SRC	:= $(filter-out %_test.c,$(wildcard kernel/lib/*.c kernel/mem/*.c kernel/vm/*.c kernel/fs/*.c)) \
	   kernel/kern/mutex.c kernel/kern/spinlock.c kernel/dev/blk.c $(wildcard tools/hostport/*.c) \
	   tools/guest.c tools/check.c tools/memdev.c tools/fsmake.c
HK_SRC	:= $(filter-out kernel/mem/kstack.c,$(HK_SRC))
HOST_TOOLS := mkfs fsck qimage

$(HOST)/t/kernel/lib/string.o $(HOST)/s/kernel/lib/string.o $(HOST)/f/kernel/lib/string.o: HOST_EXTRA := -ffreestanding \
	-Dmemcpy=k_memcpy -Dmemmove=k_memmove -Dmemset=k_memset -Dmemcmp=k_memcmp \
	-Dstrlen=k_strlen -Dstrnlen=k_strnlen -Dstrcmp=k_strcmp -Dstrncmp=k_strncmp -Dstrchr=k_strchr

$(HOST)/t/%.o: %.c tools/host.mk
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HT_FLAGS) $(HOST_EXTRA) -MMD -MP -c -o $@ $<

$(HOST)/s/%.o: %.c tools/host.mk
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HS_FLAGS) $(HOST_EXTRA) -MMD -MP -c -o $@ $<

define host-lib
$(HOST)/$(1)/libquire.a: $(patsubst %.c,$(HOST)/$(1)/%.o,$(HK_SRC))
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
endef
$(eval $(call host-lib,t))
$(eval $(call host-lib,s))

$(HOST)/tools/%: $(HOST)/t/tools/%.o $(HOST)/t/libquire.a
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^

host-tools: $(addprefix $(HOST)/tools/,$(HOST_TOOLS))

# ---- Tests: every tests/host/test_*.c is a program; the other files there help them.

HTESTS	:= $(patsubst tests/host/test_%.c,%,$(wildcard tests/host/test_*.c))
HTEST_HELP := $(filter-out tests/host/test_%,$(wildcard tests/host/*.c))

$(HOST)/s/libhelp.a: $(patsubst %.c,$(HOST)/s/%.o,$(HTEST_HELP))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(HOST)/tests/test_%: $(HOST)/s/tests/host/test_%.o $(HOST)/s/libhelp.a $(HOST)/s/libquire.a
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -fsanitize=address,undefined -o $@ $^ -lcmocka

$(addprefix run-test-,$(HTESTS)): run-test-%: $(HOST)/tests/test_%
	$(Q)$<

host-tests: $(addprefix run-test-,$(HTESTS))

# ---- Fuzzing: what libFuzzer finds stays in $(HOST)/fuzz, the inputs that led further in corpus.

FUZZCC	?= clang
FUZZ_RUNS ?= 20000
HF_FLAGS := $(HOST_CFLAGS) -O1 -DDEBUG -DLIBFUZZER -Wno-unused-function -fno-omit-frame-pointer \
	   -fno-sanitize-recover=undefined -fsanitize=address,undefined

$(HOST)/f/%.o: %.c tools/host.mk
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZCC) $(HF_FLAGS) -fsanitize=fuzzer-no-link $(HOST_EXTRA) -MMD -MP -c -o $@ $<

$(eval $(call host-lib,f))

$(HOST)/fuzz/image: $(HOST)/f/tests/host/test_fsck.o \
		$(patsubst %.c,$(HOST)/f/%.o,$(filter-out %/model_pmap.c,$(HTEST_HELP))) $(HOST)/f/libquire.a
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)/corpus
	$(Q)$(FUZZCC) -fsanitize=fuzzer,address,undefined -o $@ $^ -lcmocka

fuzz: $(HOST)/fuzz/image
	$(Q)cd $(HOST)/fuzz && ./image -runs=$(FUZZ_RUNS) -max_len=129 -len_control=0 -timeout=30 \
		-print_final_stats=1 corpus

.SECONDARY:
.PHONY: host-tools host-tests fuzz $(addprefix run-test-,$(HTESTS))

-include $(shell find $(HOST)/s $(HOST)/t -name '*.d' 2>/dev/null)
