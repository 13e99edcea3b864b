#ifndef MODEL_PMAP_H
#define MODEL_PMAP_H

#include "md/pmap.h"

extern unsigned model_pmap_fail;	/* the N-th enter of a new entry from now fails; 0: none */
extern size_t model_pmap_live;		/* tables that exist */
void	model_pmap_discard(struct pmap *pm, unsigned one_in);

#endif
