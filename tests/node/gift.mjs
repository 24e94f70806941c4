// A parser of GIFT that is not ours: the questions on standard input, as JSON.

import { readFileSync } from "node:fs";
import gift from "gift-pegjs";

process.stdout.write(JSON.stringify(gift.parse(readFileSync(0, "utf8"))));
