/* What scan and compare do: scan all operands and report, by one of the reporters of a table. */
#pragma once
#include "cli/command.h"
#include "report/report.h"

/* < 0, or the exit status. */
int scan_report(struct options *o, const struct reporter *const *table, struct error *err);
