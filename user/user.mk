# The user library and the programs; included by the Makefile at the top.
#
#	user-programs	everything below
#	$(U)/libc.a $(U)/crt0.o		what programs are linked with, by user/lib/user.ld
#	$(USER_BIN)			programs, for /bin: user/bin/NAME.c or user/bin/NAME/*.c
#	$(USER_TEST)			guest tests, for /test: user/test/t_NAME.c, linked with
#					test.c and main.c, and programs they run: user/test/h_NAME.c
#
# user/compat/compat.mk adds what programs for xv6 are compiled with.
# $(U)/debug/NAME has the symbols that $(U)/bin/NAME lacks.

U	:= $(A)/user

include user/lib/arch/$(ARCH)/port.mk

# ---- Flags ------------------------------------------------------------------

# $(call stack,NAME): bytes of stack; programs not named here have one page.
stack_sh	:= 262144
stack_find	:= 65536
stack_cp	:= 65536
stack_grep	:= 65536
stack_xargs	:= 16384
stack_usertests	:= 65536
stack		= $(if $(stack_$(1)),-z stack-size=$(stack_$(1)))
stack_test	:= -z stack-size=65536

UINC	:= -nostdinc -Iuser/include -isystem $(shell $(CC) -print-file-name=include) -Ikernel
UCFLAGS	:= -std=gnu11 -O2 -g $(USER_PORT_CFLAGS) -ffreestanding -fno-pic -fno-pie -fno-common \
	   -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections \
	   -fdata-sections $(WARN) $(UINC) $(EXTRA_UCFLAGS)
# In the library a loop that copies must not become a call of memcpy: it may be memcpy.
no_loop_calls := -fno-tree-loop-distribute-patterns
ULIBFLAGS := -fno-builtin $(call cc-takes,$(no_loop_calls),$(no_loop_calls),) \
	   -Wframe-larger-than=1024 -Iuser/lib
ULDFLAGS := $(USER_PORT_LDFLAGS) -static -nostdlib -z max-page-size=4096 -z noexecstack \
	   -z noseparate-code $(if $(filter ld.lld,$(LD)),--no-rosegment) -z norelro \
	   --gc-sections --build-id=none -T user/lib/user.ld

# ---- What there is ----------------------------------------------------------

ULIBSRC	:= $(wildcard user/lib/*.c user/lib/arch/$(ARCH)/*.[cS])
ULIBSRC	:= $(sort $(filter-out %/crt0.S,$(ULIBSRC)))
ULIBOBJ	:= $(ULIBSRC:user/%=$(U)/obj/%.o)

# What programs share; the linker leaves out what one does not use.
UBIN_COMMON  := common demo entry turns
UBIN_FILES   := $(filter-out $(UBIN_COMMON),$(patsubst user/bin/%.c,%,$(wildcard user/bin/*.c)))
UBIN_FOLDERS := $(patsubst user/bin/%/,%,$(sort $(dir $(wildcard user/bin/*/*.c))))
UTEST_FILES  := $(patsubst user/test/%.c,%,$(wildcard user/test/[th]_*.c))

# $(call objects,NAME)
objects	= $(patsubst user/%,$(U)/obj/%.o,$(sort $(wildcard user/bin/$(1).c user/bin/$(1)/*.c)) \
	$(extra_$(1)))

# usertests' tests are written as those of /test are.
extra_usertests	:= user/test/test.c
$(U)/obj/bin/usertests/%.c.o: UCFLAGS += -Iuser/test

USER_BIN  := $(addprefix $(U)/bin/,$(sort $(UBIN_FILES) $(UBIN_FOLDERS)))
USER_TEST := $(addprefix $(U)/test/,$(UTEST_FILES))

user-programs: $(USER_BIN) $(USER_TEST) $(U)/libc.a $(U)/crt0.o

lib-posix := $(U)/libc.a

include user/compat/compat.mk

# ---- How it is made ---------------------------------------------------------

$(call keep,$(U)/flags,$(CC) $(UCFLAGS) $(ULIBFLAGS) $(ULDFLAGS))
$(call keep,$(U)/lib.list,$(ULIBOBJ))

$(U)/obj/lib/%.o: user/lib/% $(U)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UCFLAGS) $(ULIBFLAGS) -MMD -MP -c -o $@ $<

$(U)/obj/%.c.o: user/%.c $(U)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UCFLAGS) -MMD -MP -c -o $@ $<

$(U)/crt0.o: $(U)/obj/lib/arch/$(ARCH)/crt0.S.o
	$(Q)cp $< $@

$(U)/libc.a: $(ULIBOBJ) $(U)/lib.list
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(ULIBOBJ)

# $(1): the program with its symbols, from the objects among the prerequisites
define link-program
$(call say,LD,$(patsubst $(U)/debug/%,%,$@))
@mkdir -p $(@D)
$(Q)$(LD) $(ULDFLAGS) $(1) -o $@ $(U)/crt0.o $(filter %.c.o,$^) $(U)/libc.a
endef

LINK_WITH := $(U)/crt0.o $(U)/libc.a user/lib/user.ld $(U)/flags

define program-rule
$(U)/debug/bin/$(1): $(call objects,$(1)) $(UBIN_COMMON:%=$(U)/obj/bin/%.c.o) $(LINK_WITH)
	$$(call link-program,$(call stack,$(1)))
endef
$(foreach p,$(UBIN_FILES) $(UBIN_FOLDERS),$(eval $(call program-rule,$(p))))

$(U)/debug/test/t_%: $(U)/obj/test/t_%.c.o $(U)/obj/test/test.c.o $(U)/obj/test/main.c.o \
		$(LINK_WITH)
	$(call link-program,$(stack_test))

$(U)/debug/test/h_%: $(U)/obj/test/h_%.c.o $(LINK_WITH)
	$(call link-program,)

$(U)/bin/%: $(U)/debug/bin/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@

$(U)/test/%: $(U)/debug/test/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@

.SECONDARY:

-include $(patsubst %.o,%.d,$(ULIBOBJ) \
	$(wildcard $(U)/obj/bin/*.o $(U)/obj/bin/*/*.o $(U)/obj/test/*.o))
