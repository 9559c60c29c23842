// Many texts in chunks: few at once, patient where the server is busy.

// As patient as a server's restart: about five minutes without a single success.
const MOST_TRIES = 12;
const LONGEST_WAIT_S = 60;
// So many texts refused in a row mean that it is not the texts.
const MOST_REFUSED = 20;

/** Wait, unless stopped. */
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, 1000 * seconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Cut 0..n-1 into runs of at most `size` rows and `bytes` bytes: [start, end) pairs. */
export function* chunks(n, { size, bytes, weigh }) {
  let start = 0;
  let held = 0;
  for (let row = 0; row < n; row += 1) {
    const own = weigh(row);
    if (row > start && (row - start >= size || held + own > bytes)) {
      yield [start, row];
      start = row;
      held = 0;
    }
    held += own;
  }
  if (start < n) yield [start, n];
}

/** Send all chunks, at most `lanes` at a time. `send(start, end)` gives results in order or throws a
 * Fault; `done(start, results)` takes them; `refused(row, fault)` takes a row that the server will
 * not read; `waits(seconds)` hears of a pause. Throws the fault that no patience cures. */
export async function sendAll(queue, { send, done, refused, waits, signal, lanes = 2 }) {
  let free = 0;
  let failures = 0;
  let refusals = 0;

  const attempt = async ([start, end]) => {
    for (;;) {
      const now = Date.now();
      if (free > now) await pause((free - now) / 1000, signal);
      try {
        done(start, await send(start, end));
        failures = 0;
        refusals = 0;
        return;
      } catch (fault) {
        if (fault.passing) {
          failures += 1;
          if (failures > MOST_TRIES) throw fault;
          const seconds = Math.min(LONGEST_WAIT_S, fault.retryAfter ?? 2 ** Math.min(failures - 1, 5));
          // Both lanes wait: one more request would only be turned away too.
          free = Math.max(free, Date.now() + 1000 * seconds);
          waits(seconds);
        } else if ([400, 413, 422].includes(fault.status)) {
          // One unreadable text must not take its neighbours with it.
          if (end - start === 1) {
            refusals += 1;
            if (refusals > MOST_REFUSED) throw fault;
            refused(start, fault);
            return;
          }
          const middle = start + Math.floor((end - start) / 2);
          await attempt([start, middle]);
          await attempt([middle, end]);
          return;
        } else throw fault;
      }
    }
  };

  const lane = async () => {
    for (const chunk of queue) await attempt(chunk);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
