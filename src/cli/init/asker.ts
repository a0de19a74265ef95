import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A line that was typed, or how the conversation ended. */
export type Typed = { readonly line: string } | { readonly ended: 'stopped' | 'input-ended' }

/** Somebody who answers. */
export interface Asker {
  ask(prompt: string): Promise<Typed>
  /** Says something that wants no answer. */
  say(text: string): void
  close(): void
}

/**
 * Asks on a terminal, line by line. Lines that are typed or pasted ahead answer the next questions.
 *
 * @param signal its abort ends the conversation, as Ctrl-C does
 */
export function lineAsker(input: Readable, output: Writable, signal: AbortSignal, terminal: boolean): Asker {
  const lines: string[] = []
  let ended: 'stopped' | 'input-ended' | undefined
  let waiting: ((typed: Typed) => void) | undefined
  const answer = (): void => {
    if (waiting === undefined) return
    const line = lines.shift()
    if (line === undefined && ended === undefined) return
    const settle = waiting
    waiting = undefined
    settle(line === undefined || ended === 'stopped' ? { ended: ended ?? 'input-ended' } : { line })
  }
  const reader = createInterface({ input, output, terminal })
  const end = (how: 'stopped' | 'input-ended'): void => {
    // What is said next stands on a line of its own.
    if (ended === undefined && waiting !== undefined) output.write('\n')
    ended ??= how
    answer()
  }
  const stop = (): void => {
    end('stopped')
    reader.close()
  }
  reader.on('line', (line) => {
    lines.push(line)
    answer()
  })
  reader.on('close', () => end('input-ended'))
  // A terminal in raw mode gives Ctrl-C as a key, and no signal.
  reader.on('SIGINT', stop)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return {
    ask(prompt) {
      return new Promise((resolve) => {
        waiting = resolve
        if (ended === undefined) {
          reader.setPrompt(prompt)
          reader.prompt()
        }
        answer()
      })
    },
    say: (text) => {
      output.write(text)
    },
    close() {
      signal.removeEventListener('abort', stop)
      reader.close()
    },
  }
}
