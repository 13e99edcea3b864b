#!/bin/sh
# Prints the C source of the kernel's symbol table (kern/ksyms.h): the
# functions of an ELF file by address and what lies behind the last, or an empty table without one.
#
# usage: ksyms.sh NM [KERNEL.elf]
nm=$1
elf=$2

echo '#include "kern/ksyms.h"'
echo 'const struct ksym ksyms[] = {'
if [ -n "$elf" ]; then
	$nm -n "$elf" | awk '
	($2 ~ /^[tT]$/ || $3 == "__rodata") && $3 !~ /^[.$]/ && !($1 in seen) {
		seen[$1] = 1
		printf "\t{ 0x%s, \"%s\" },\n", $1, $3
	}' || exit 1
fi
echo '	{ 0, 0 }'
echo '};'
echo 'const unsigned ksyms_count = sizeof(ksyms) / sizeof(ksyms[0]) - 1;'
