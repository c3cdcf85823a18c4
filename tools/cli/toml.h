// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that includes toml++, so that its settings are the same everywhere.
#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>
