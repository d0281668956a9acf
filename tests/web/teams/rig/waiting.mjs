// SPDX-License-Identifier: Apache-2.0
//
// Waits for conditions, never for time.
import {setTimeout as pause} from 'node:timers/promises';

// Resolves to the first truthy thing that `condition` gives; an exception counts as not yet.
export async function until(what, condition, {within = 20_000} = {}) {
  const end = performance.now() + within;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end)
      throw new Error(`after ${within} ms still not: ${what}`, {cause: last});
    await pause(20);
  }
}
