/** What a keeper tells of the tool that it holds. */
export type Told =
  | { readonly kind: 'not-started'; readonly code: string }
  /** It captures, for tools that say so in no other way. */
  | { readonly kind: 'began' }
  | { readonly kind: 'ended'; readonly code: number | string }
  /** It was not begun, or what it captured cannot be had. */
  | {
      readonly kind: 'failed'
      readonly as: 'no-tool' | 'no-rights' | 'no-means' | 'timeout'
      readonly why: string
    }

/**
 * The program of the child that holds a tool which writes to a pipe. It passes nothing on but signs: the tool writes to
 * our pipe by itself. It is sent as text, so that it may use nothing from outside of itself.
 */
function holdTool(): void {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const [place = '', ...words] = process.argv.slice(1)
  const tool = spawn(place, words, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true })
  const say = (message: Told): void => void process.send?.(message, () => process.disconnect?.())
  tool.on('error', (error: NodeJS.ErrnoException) => say({ kind: 'not-started', code: error.code ?? error.message }))
  tool.on('exit', (code, signal) => say({ kind: 'ended', code: code ?? signal ?? 0 }))
  process.on('message', () => tool.kill('SIGINT'))
  // The other end went, or wants it gone: a tool that hears no signal goes as well.
  process.on('disconnect', () => {
    tool.kill('SIGKILL')
    process.exit()
  })
}

export const holdToolProgram = `(${String(holdTool)})()`
