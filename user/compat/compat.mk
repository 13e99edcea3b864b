# What programs written for xv6 are compiled and linked with; included by user.mk.
# `./quire cc --api F` asks for cflags-F, ldflags-F and lib-F, and makes compat-F.

FAMILIES := xv6 xv6-x86

# One family is written for words of 64 bits, the other of 32, and both are for both.
COMPAT_WIDTHS := -Wno-int-to-pointer-cast -Wno-pointer-to-int-cast

# gnu17: newer compilers take `bool` and f() for other things. What they made
# errors stays a warning. Hosted, so that a main without return gives 0.
COMPAT_NO_ERROR := int-conversion incompatible-pointer-types incompatible-function-pointer-types \
	   implicit-function-declaration implicit-int return-type return-mismatch \
	   declaration-missing-parameter-type
COMPAT_CFLAGS = -std=gnu17 -O -g $(USER_PORT_CFLAGS) -fno-builtin -fno-pic -fno-pie -fno-common \
	   -fno-stack-protector -fno-asynchronous-unwind-tables -fno-strict-aliasing \
	   $(COMPAT_WIDTHS) -fno-omit-frame-pointer -fno-delete-null-pointer-checks -fwrapv \
	   -nostdinc -isystem $(shell $(CC) -print-file-name=include) -isystem user/compat/std \
	   $(foreach w,$(COMPAT_NO_ERROR),$(call cc-takes,-Wno-error=$(w),-Wno-error=$(w),))

cflags-xv6	= $(COMPAT_CFLAGS) $(addprefix -Iuser/compat/xv6,/. /kernel /user)
cflags-xv6-x86	= $(COMPAT_CFLAGS) -Iuser/compat/xv6-x86
ldflags-xv6	:= $(filter-out --gc-sections,$(ULDFLAGS:user/lib/user.ld=user/compat/xv6.ld))
ldflags-xv6-x86	:= $(ldflags-xv6)
lib-xv6		:= $(U)/libxv6.a
lib-xv6-x86	:= $(U)/libxv6-x86.a

# Built by no rule of user.mk, because every family compiles the shared sources anew.
COMPAT_LIB_FLAGS := $(filter-out -Iuser/include,$(UCFLAGS)) $(ULIBFLAGS)
COMPAT_FROM_LIBC := $(U)/obj/lib/arch/$(ARCH)/syscall.S.o \
	   $(patsubst user/%,$(U)/obj/%.o,$(wildcard user/lib/arch/$(ARCH)/div64.c))

# $(call compat-objects,FAMILY)
compat-objects = $(patsubst user/compat/%.c,$(U)/compat/$(1)/%.o, \
	   $(sort $(wildcard user/compat/lib/*.c user/compat/$(1)/lib/*.c)))

$(call keep,$(U)/compat.flags,$(CC) $(COMPAT_LIB_FLAGS))

define compat-rules
$$(U)/compat/$(1)/%.o: user/compat/%.c $$(U)/compat.flags
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -Iuser/compat/$(1) -Iuser/compat/$(1)/lib -Iuser/compat/lib $$(COMPAT_LIB_FLAGS) \
		-MMD -MP -c -o $$@ $$<

$$(lib-$(1)): $$(call compat-objects,$(1)) $$(COMPAT_FROM_LIBC)
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^

compat-$(1): $$(lib-$(1)) $$(U)/crt0.o
user-programs: compat-$(1)
.PHONY: compat-$(1)
-include $$(patsubst %.o,%.d,$$(call compat-objects,$(1)))
endef
$(foreach f,$(FAMILIES),$(eval $(call compat-rules,$(f))))
