#include "tools/query_command.h"
