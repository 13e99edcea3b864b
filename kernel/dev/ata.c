/*
 * An ATA disk by programmed input and output: the first that there is.
 * It does one request at a time; the others wait in a list. A command moves at
 * most COMMAND_MAX sectors, with an interrupt for each; a request of more
 * takes several commands. A disk that has finished and whose interrupt did not come is found
 * by a look now and then; one that stays busy fails. Source: ATA/ATAPI-6, 8 and 9.
 */
#include "dev/blk.h"
#include "dev/drivers.h"
#include "kern/clock.h"
#include "kern/irq.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "lib/assert.h"
#include "md/device.h"
#include "md/time.h"

enum {
	REG_DATA = 0, REG_COUNT = 2, REG_LBA = 3, REG_DRIVE = 6, REG_STATUS = 7, REG_COMMAND = 7,
	REG_CONTROL = 0x206
};
enum {
	STATUS_ERROR = 0x01, STATUS_DATA = 0x08, STATUS_FAULT = 0x20, STATUS_BUSY = 0x80
};
#define STATUS_ABSENT	0xff		/* what is read where nothing is */
#define DRIVE_LBA	0xe0
#define DRIVE_SECOND	0x10
#define CONTROL_NO_IRQ	0x02

enum {
	CMD_READ = 0x20, CMD_READ_EXT = 0x24, CMD_WRITE = 0x30, CMD_WRITE_EXT = 0x34,
	CMD_FLUSH = 0xe7, CMD_FLUSH_EXT = 0xea, CMD_IDENTIFY = 0xec
};
enum { ID_GENERAL = 0, ID_CAPABLE = 49, ID_SECTORS28 = 60, ID_COMMANDS = 83, ID_SECTORS48 = 100,
	ID_WORDS = 256 };
#define GENERAL_ATAPI	0x8000
#define CAPABLE_LBA	0x0200
#define COMMANDS_LBA48	0x0400
#define COMMANDS_FLUSH	0x1000

#define COMMAND_MAX	256u
#define LBA28_END	0x10000000u
#define READY_NS	1000000000ull
#define LOST_NS		1000000000ull	/* an interrupt that takes so long may be lost */
#define DEAD_NS		30000000000ull	/* a disk that is busy for so long is broken */

static struct {
	char	*regs;			/* c */
	uint8_t	 drive;			/* c: DRIVE_SECOND or 0 */
	bool	 lba48, can_flush;	/* c */
	struct blkdev blk;		/* c */
	struct spinlock lock;		/* RANK_DEVICE; for the rest, and the registers */
	struct list waiting;		/* bios; the first is being done */
	/* of that one: where the next sector comes from or goes to */
	uint32_t seg, off;
	uint64_t sector;		/* ... where its next command begins */
	uint32_t todo;			/* ... sectors that no command was given for */
	uint32_t left;			/* sectors that the command has yet to move */
	uint64_t moved;			/* md_clock_ns when it was last heard of, or told to */
} ata = { .lock = SPINLOCK_INIT("ATA disk", RANK_DEVICE), .waiting = LIST_INIT(ata.waiting) };

static uint8_t
status(void)
{
	return md_read8(ata.regs + REG_STATUS);
}

/* false: the disk stays busy. */
static bool
wait_ready(void)
{
	uint64_t start = md_clock_ns();

	while (status() & STATUS_BUSY)
		if (md_clock_ns() - start > READY_NS)
			return false;
	return true;
}

/* A disk takes 400 ns to see that it is chosen; reading a register, 100 or more. */
static bool
choose(uint8_t drive)
{
	md_write8(ata.regs + REG_DRIVE, (uint8_t)(DRIVE_LBA | drive));
	for (unsigned i = 0; i < 4; i++)
		(void)md_read8(ata.regs + REG_CONTROL);
	return wait_ready();
}

/* ---- requests; ata.lock held ---- */

/* Move the next sector of B. */
static void
move_sector(const struct bio *b)
{
	uint16_t *w = (uint16_t *)((char *)b->seg[ata.seg].addr + ata.off);

	assert(ata.left > 0 && ata.seg < b->nsegs);
	for (unsigned i = 0; i < SECTOR_SIZE / 2; i++)
		if (b->op == BIO_READ)
			w[i] = md_read16(ata.regs + REG_DATA);
		else
			md_write16(ata.regs + REG_DATA, w[i]);
	ata.left--;
	ata.off += SECTOR_SIZE;
	if (ata.off == b->seg[ata.seg].len) {
		ata.off = 0;
		ata.seg++;
	}
}

static void
write_range(unsigned count, uint32_t lba)
{
	md_write8(ata.regs + REG_COUNT, (uint8_t)count);
	for (unsigned i = 0; i < 3; i++)
		md_write8(ata.regs + REG_LBA + i, (uint8_t)(lba >> 8 * i));
}

/* Tell the disk to move the next sectors of B. false: it does not listen. */
static bool
start_transfer(const struct bio *b)
{
	uint32_t count = MIN(ata.todo, COMMAND_MAX);
	bool ext = ata.sector + count > LBA28_END;
	uint8_t command = b->op == BIO_READ ? CMD_READ : CMD_WRITE;

	if (!choose((uint8_t)(ata.drive | (ext ? 0 : ata.sector >> 24 & 15))))
		return false;
	if (ext) {			/* the high bytes first */
		command = b->op == BIO_READ ? CMD_READ_EXT : CMD_WRITE_EXT;
		write_range(count >> 8, (uint32_t)(ata.sector >> 24));
	}
	write_range(count, (uint32_t)ata.sector);
	ata.sector += count;
	ata.todo -= count;
	ata.left = count;
	md_write8(ata.regs + REG_COMMAND, command);
	if (b->op == BIO_READ)
		return true;
	/* A write gets its first sector without an interrupt. */
	if (!wait_ready() || (status() & STATUS_DATA) == 0)
		return false;
	move_sector(b);
	return true;
}

static bool
start_request(const struct bio *b)
{
	ata.moved = md_clock_ns();
	ata.seg = ata.off = 0;
	ata.sector = b->sector;
	ata.todo = ata.left = 0;
	for (uint32_t i = 0; i < b->nsegs; i++)
		ata.todo += b->seg[i].len / SECTOR_SIZE;
	if (b->op != BIO_FLUSH)
		return start_transfer(b);
	if (!choose(ata.drive))
		return false;
	md_write8(ata.regs + REG_COMMAND, ata.lba48 ? CMD_FLUSH_EXT : CMD_FLUSH);
	return true;
}

/*
 * The disk has something to say about B. true: the request is over, and b->err
 * says how.
 */
static bool
go_on(struct bio *b, uint8_t state)
{
	bool moves = b->op == BIO_READ || ata.left > 0;

	b->err = ERR(EIO);
	if (state & (STATUS_ERROR | STATUS_FAULT))
		return true;
	if (b->op != BIO_FLUSH && moves) {
		if ((state & STATUS_DATA) == 0)
			return true;
		move_sector(b);
	}
	/* What was read is there; what was written is known to be by one more interrupt. */
	if (ata.left > 0 || (b->op == BIO_WRITE && moves))
		return false;
	if (ata.todo > 0)
		return !start_transfer(b);
	b->err = OK;
	return true;
}

/* Begin with the first that waits; those that can't begin go to FAILED. */
static void
start_next(struct list *failed)
{
	struct bio *b;

	while ((b = list_first(&ata.waiting, struct bio, link)) != NULL && !start_request(b)) {
		b->err = ERR(EIO);
		list_remove(&b->link);
		list_append(failed, &b->link);
	}
}

static void
finish(struct list *done)
{
	struct list *l;

	while ((l = list_pop(done)) != NULL) {
		struct bio *b = list_entry(l, struct bio, link);

		b->done(b);
	}
}

/* The disk is in STATE: on with its request, and with the next one when that is over. */
static void
serve(uint8_t state, struct list *done)
{
	struct bio *b = list_first(&ata.waiting, struct bio, link);

	ata.moved = md_clock_ns();
	if (b == NULL || !go_on(b, state))
		return;
	list_remove(&b->link);
	list_append(done, &b->link);
	start_next(done);
}

static void
ata_irq(void *arg)
{
	struct list done = LIST_INIT(done);
	uint8_t state;

	(void)arg;
	spin_lock(&ata.lock);
	state = status();		/* acknowledges */
	if ((state & STATUS_BUSY) == 0)
		serve(state, &done);
	spin_unlock(&ata.lock);
	finish(&done);
}

static void
ata_tick(void)
{
	struct list done = LIST_INIT(done);
	uint64_t silent;
	uint8_t state;

	spin_lock(&ata.lock);
	silent = list_empty(&ata.waiting) ? 0 : md_clock_ns() - ata.moved;
	if (silent > LOST_NS) {
		state = status();
		if ((state & STATUS_BUSY) == 0)
			serve(state, &done);
		else if (silent > DEAD_NS)
			serve(STATUS_FAULT, &done);
	}
	spin_unlock(&ata.lock);
	finish(&done);
}

static void
ata_submit(struct blkdev *d, struct bio *b)
{
	struct list failed = LIST_INIT(failed);

	(void)d;
	if (b->op == BIO_FLUSH && !ata.can_flush) {
		b->err = OK;
		b->done(b);
		return;
	}
	spin_lock(&ata.lock);
	list_append(&ata.waiting, &b->link);
	if (ata.waiting.next == &b->link)
		start_next(&failed);
	spin_unlock(&ata.lock);
	finish(&failed);
}

/* ---- start-up, without interrupts ---- */

/* Fill ID with what the disk says about itself; false: there is no disk. */
static bool
identify(uint8_t drive, uint16_t *id)
{
	if (status() == STATUS_ABSENT || !choose(drive))
		return false;
	write_range(0, 0);
	md_write8(ata.regs + REG_COMMAND, CMD_IDENTIFY);
	if (status() == 0 || !wait_ready() ||
	    (status() & (STATUS_DATA | STATUS_ERROR)) != STATUS_DATA)
		return false;
	for (unsigned i = 0; i < ID_WORDS; i++)
		id[i] = md_read16(ata.regs + REG_DATA);
	return (id[ID_GENERAL] & GENERAL_ATAPI) == 0 && (id[ID_CAPABLE] & CAPABLE_LBA) != 0;
}

static uint64_t
id_number(const uint16_t *id, unsigned words)
{
	uint64_t v = 0;

	while (words-- > 0)
		v = v << 16 | id[words];
	return v;
}

static bool
find_disk(struct md_device *where, uint16_t *id)
{
	for (unsigned n = 0; md_device(MD_ATA, n, where); n++) {
		ata.regs = (char *)where->base;
		md_write8(ata.regs + REG_CONTROL, CONTROL_NO_IRQ);
		for (ata.drive = 0; ata.drive <= DRIVE_SECOND; ata.drive += DRIVE_SECOND)
			if (identify(ata.drive, id))
				return true;
	}
	return false;
}

void
ata_probe(void)
{
	uint16_t id[ID_WORDS];
	struct md_device where;

	if (!find_disk(&where, id))
		return;
	ata.lba48 = (id[ID_COMMANDS] & COMMANDS_LBA48) != 0;
	ata.can_flush = (id[ID_COMMANDS] & COMMANDS_FLUSH) != 0;
	ata.blk = (struct blkdev){ .name = "ata", .submit = ata_submit,
		.nsectors = ata.lba48 ? id_number(&id[ID_SECTORS48], 4) :
		    id_number(&id[ID_SECTORS28], 2) };
	irq_register(where.irq, ata_irq, NULL);
	clock_on_tick(ata_tick);
	md_write8(ata.regs + REG_CONTROL, 0);
	blk_register(&ata.blk);
}
