# Quire. `make qemu` boots it; `./quire` does the same and more.
#
#	make kernel			build/$(ARCH)/kernel.elf
#	make image			build/$(ARCH)/fs.img, with every program
#	make qemu qemu-nox qemu-gdb	boot it (exit: `halt`, or Ctrl-a x)
#	make test (or grade)		everything that tests it
#	make grade LAB=cow		the points of one lab (docs/labs/teaching.md)
#	make check			the checks of the source
#	make host-tests			the tests that need no guest
#	make bench clean
#
# Variables: ARCH CPUS MEM APPEND TOOLPREFIX LLVM=1 V=1;
# DEBUG=1: lock ranks and poisoned memory, in build/$(ARCH)-debug;
# KTEST=1: that, and the in-kernel tests, in build/$(ARCH)-ktest.

ARCH	?= riscv64
CPUS	?= 2
MEM	?= 128M
DEBUG	?= 0
KTEST	?= 0
LLVM	?= 0
V	?= 0

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

ifeq ($(wildcard kernel/arch/$(ARCH)/port.mk),)
$(error ARCH=$(ARCH): no such port; there are: $(notdir $(patsubst %/port.mk,%,$(wildcard kernel/arch/*/port.mk))))
endif

ifeq ($(V),0)
Q	:= @
say	= @printf '  %-7s %s\n' '$(1)' '$(2)'
else
say	= @:
endif

# ---- Compilers ------------------------------------------------------------

# $(call cc-takes,options,then,else)
cc-takes = $(shell if $(CC) $(1) -Werror -c -o /dev/null -x c /dev/null >/dev/null 2>&1; then echo '$(2)'; else echo '$(3)'; fi)

port_word = $(shell sed -n 's/^$(1)[[:space:]]*:= *//p' kernel/arch/$(ARCH)/port.mk)

ifeq ($(LLVM),1)
CC	:= clang --target=$(call port_word,PORT_TARGET)
LD	:= ld.lld
AR	:= llvm-ar
NM	:= llvm-nm
OBJCOPY	:= llvm-objcopy
else
ifndef TOOLPREFIX
TOOLPREFIX := $(shell for p in $(call port_word,PORT_PREFIXES); do \
	if command -v $${p}gcc >/dev/null 2>&1; then echo $$p; exit; fi; done)
endif
ifeq ($(TOOLPREFIX),)
ifneq ($(shell uname -m),$(call port_word,PORT_HOST))
ifeq ($(filter clean check,$(MAKECMDGOALS)),)
$(error no compiler for $(ARCH) found: run ./quire doctor, set TOOLPREFIX, or use clang with LLVM=1)
endif
endif
endif
CC	:= $(TOOLPREFIX)gcc
LD	:= $(TOOLPREFIX)ld
AR	:= $(TOOLPREFIX)ar
NM	:= $(TOOLPREFIX)nm
OBJCOPY	:= $(TOOLPREFIX)objcopy
endif
HOSTCC	?= cc
HOST	:= build/host

include kernel/arch/$(ARCH)/port.mk

# ---- Where things go ------------------------------------------------------

A	:= build/$(ARCH)
ifeq ($(KTEST),1)
O	:= $(A)-ktest
else ifeq ($(DEBUG),1)
O	:= $(A)-debug
else
O	:= $(A)
endif

# ---- The kernel -----------------------------------------------------------

KDIRS	:= lib kern mem vm dev fs file proc sys arch/$(ARCH)
KSRC	:= $(sort $(foreach d,$(KDIRS),$(wildcard kernel/$(d)/*.c kernel/$(d)/*.S)))
ifneq ($(KTEST),1)
KSRC	:= $(filter-out %_test.c,$(KSRC))
endif
KOBJ	:= $(patsubst kernel/%,$(O)/kernel/%.o,$(KSRC))

WARN	:= -Wall -Wextra -Wshadow -Wmissing-prototypes
KCFLAGS	:= -std=gnu11 -O2 -g $(PORT_CFLAGS) -ffreestanding -fno-pic -fno-pie \
	   -fno-stack-protector -fno-strict-aliasing -fno-common \
	   $(WARN) -Wframe-larger-than=1024 \
	   -Ikernel -Ikernel/arch/$(ARCH)/include
ifneq ($(DEBUG)$(KTEST),00)
KCFLAGS	+= -DDEBUG -fno-omit-frame-pointer
else
KCFLAGS	+= -fomit-frame-pointer
$(O)/kernel/kern/panic.c.o: KCFLAGS += -fno-omit-frame-pointer	# it keeps who called it
endif
ifeq ($(KTEST),1)
KCFLAGS	+= -DCONFIG_KTEST
endif
KCFLAGS	+= $(EXTRA_KCFLAGS)
KLDFLAGS := $(PORT_LDFLAGS) -static -nostdlib -z max-page-size=4096 --build-id=none
KLD	:= kernel/arch/$(ARCH)/kernel.ld

all: kernel image

kernel: $(O)/kernel.elf

# $(call keep,FILE,TEXT): FILE holds TEXT, and is as old as TEXT is: objects depend on their
# flags. Written as the Makefile is read, so that a dry run tells what is stale.
ifneq ($(MAKECMDGOALS),clean)
keep	= $(shell mkdir -p $(dir $(1)); \
	printf '%s\n' '$(2)' | cmp -s - $(1) || printf '%s\n' '$(2)' > $(1))
endif

$(call keep,$(O)/kernel.flags,$(CC) $(KCFLAGS) $(KLDFLAGS))

$(O)/kernel/%.c.o: kernel/%.c $(O)/kernel.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) -MMD -MP -c -o $@ $<

$(O)/kernel/%.S.o: kernel/%.S $(O)/kernel.flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KCFLAGS) -D__ASSEMBLER__ -MMD -MP -c -o $@ $<

# The kernel holds its own symbol table, for backtraces. Linking the table
# in moves what lies behind it, so: link with an empty table, then with one
# of the right size, then with the right addresses, and see that they are.
KSYMS	= sh tools/build/ksyms.sh '$(NM)'

$(O)/kernel.elf: $(KOBJ) $(KLD) $(O)/kernel.list tools/build/ksyms.sh
	$(call say,LD,$@)
	$(Q)for pass in 0 1 2; do \
		if [ $$pass = 0 ]; then $(KSYMS) > $(O)/ksyms.c; \
		else $(KSYMS) $@.tmp > $(O)/ksyms.c; fi && \
		$(CC) $(KCFLAGS) -c -o $(O)/ksyms.o $(O)/ksyms.c && \
		$(LD) $(KLDFLAGS) -T $(KLD) -o $@.tmp $(KOBJ) $(O)/ksyms.o || exit 1; \
	done; \
	$(KSYMS) $@.tmp | cmp - $(O)/ksyms.c && mv $@.tmp $@

# Changes when a source file comes or goes.
$(call keep,$(O)/kernel.list,$(KOBJ))

-include $(patsubst %.o,%.d,$(KOBJ))

# ---- Programs, host tools and the disk image ------------------------------

-include tools/host.mk
-include user/user.mk

# What the image holds, as a folder. Devices are mkfs's business.
STAGE	:= $(A)/root
IMAGE_BLOCKS := 200000
MKFS	:= $(HOST)/tools/mkfs

$(call keep,$(A)/image.list,$(USER_BIN) $(USER_TEST))

$(STAGE).stamp: $(USER_BIN) $(USER_TEST) README.md $(A)/image.list
	@rm -rf $(STAGE) && mkdir -p $(addprefix $(STAGE)/,bin test etc tmp dev)
	$(Q)cp $(USER_BIN) $(STAGE)/bin
	$(Q)$(if $(USER_TEST),cp $(USER_TEST) $(STAGE)/test)
	$(Q)cp README.md $(STAGE)/README
	@touch $@

# As in xv6: / also has a name for every program.
$(STAGE)-xv6.stamp: $(STAGE).stamp
	@rm -rf $(STAGE)-xv6 && cp -R $(STAGE) $(STAGE)-xv6
	$(Q)cd $(STAGE)-xv6 && for p in bin/*; do ln $$p . || exit 1; done
	@touch $@

$(A)/fs.img: $(STAGE).stamp $(MKFS)
$(A)/fs-xv6.img: $(STAGE)-xv6.stamp $(MKFS)
$(A)/fs.img $(A)/fs-xv6.img:
	$(call say,MKFS,$@)
	$(Q)$(MKFS) -b $(IMAGE_BLOCKS) $@.tmp $(patsubst %.stamp,%,$<) && mv $@.tmp $@

image: $(A)/fs.img
image-xv6: $(A)/fs-xv6.img

# ---- Aliases --------------------------------------------------------------

QUIRE	= ./quire
RUN	= $(QUIRE) run --arch $(ARCH) --cpus $(CPUS) --mem $(MEM) $(if $(APPEND),--append '$(APPEND)')
export TOOLPREFIX LLVM

qemu qemu-nox:
	@$(RUN)

qemu-gdb:
	@$(QUIRE) gdb --arch $(ARCH) --cpus $(CPUS) --mem $(MEM) --wait

test:
	@$(QUIRE) test --arch $(ARCH)

# LAB=cow: that lab's points; without it everything.
grade:
	@$(QUIRE) $(if $(LAB),grade $(if $(APPEND),--append '$(APPEND)'),test) --arch $(ARCH) $(LAB)

bench:
	@$(QUIRE) bench

check:
	@python3 tools/check/check.py

clean:
	rm -rf build

print-%:
	@printf '%s\n' '$($*)'

.PHONY: all kernel image image-xv6 qemu qemu-nox qemu-gdb test grade bench check clean \
	host-tools host-tests user-programs
