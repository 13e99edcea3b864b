# How programs for this port are compiled and linked.
USER_PORT_CFLAGS	:= -m32 -march=i686 -mtune=generic \
	$(call cc-takes,-fcf-protection=none,-fcf-protection=none,)
USER_PORT_LDFLAGS	:= -m elf_i386
