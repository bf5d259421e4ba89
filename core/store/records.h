#pragma once

// The rows of run.db, for what reads or writes all of them.

#include "core/store/attempt_rows.h"
#include "core/store/measured_rows.h"
