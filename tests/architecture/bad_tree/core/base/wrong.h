#include "core/store/run_db.h"
