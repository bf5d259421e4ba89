#include "ui/pages/shared/page.h" // so that its signals are compiled
