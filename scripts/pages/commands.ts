import { runCli } from '../../src/cli/runCli.ts'
import { verbs } from '../../src/cli/verbs/index.ts'
import { page } from './markdown.ts'

/** `docs/reference/commands.md`: the help of every verb, as the program prints it. */
export async function commandsPage(): Promise<string> {
  const parts = [`\`\`\`\n${await helpOf()}\`\`\`\n`]
  for (const { name, load } of verbs) {
    if (load !== undefined) parts.push(`## ${name}\n\n\`\`\`\n${await helpOf(name)}\`\`\`\n`)
  }
  return page(
    'Commands',
    'From a checkout every command is `npm run -s postern -- VERB …`; installed it is `postern VERB …`.',
    parts.join('\n'),
  )
}

async function helpOf(...verb: readonly string[]): Promise<string> {
  let text = ''
  const output = {
    write: (part: string) => {
      text += part
    },
    isTerminal: false,
    columns: 100,
  }
  await runCli([...verb, '--help'], {
    stdout: output,
    stderr: output,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  })
  return text.replace(/[ \t]+$/gm, '')
}
