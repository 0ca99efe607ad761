// What each subcommand does: from arguments to an exit status.
#pragma once

#include "options.hpp"

namespace lastcall::command {

int run_run(const Arguments& arguments);
int run_check(const Arguments& arguments);
int run_status(const Arguments& arguments);
int run_set(const Arguments& arguments);
int run_drain(const Arguments& arguments);
int run_plan(const Arguments& arguments);
int run_install(const Arguments& arguments);

}  // namespace lastcall::command
