import { quoted } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import type { AskedFlow } from '../firewall/judged.ts'
import { parseAskedFlow } from '../firewall/parseAskedFlow.ts'
import type { Flow } from '../model/flow.ts'
import { UsageError } from './shell.ts'

/** A question of the command line, with the words that were typed. */
export interface Question {
  readonly text: string
  readonly asked: AskedFlow
}

/** What `--flow` asks: questions of one's own, and ids of the plan. */
export interface AuditQuestions {
  readonly questions: readonly Question[]
  /** Absent: all flows of the plan, unless questions are asked. */
  readonly ids?: readonly string[]
}

/**
 * Reads what `--flow` was given: `SRC > DST:PORT/PROTO` is a question, a word is the id of a flow of the plan.
 *
 * @throws UsageError with what is wrong and the form that is right
 */
export function auditQuestions(texts: readonly string[] | undefined): AuditQuestions {
  const questions: Question[] = []
  const ids: string[] = []
  for (const text of texts ?? []) {
    // A question that lost its arrow to a shell that was not told to leave it alone still has a colon or a slash.
    if (!/[>:/\s]/.test(text)) {
      ids.push(text)
      continue
    }
    const parsed = parseAskedFlow(text)
    if ('error' in parsed) throw new UsageError(`--flow: in ${quoted(text)} ${parsed.error}, write ${parsed.right}`)
    questions.push({ text, asked: parsed.ok })
  }
  return { questions, ...(ids.length > 0 && { ids }) }
}

/**
 * The flows of a plan that were chosen.
 *
 * @throws UsageError for an id that the plan does not have
 */
export function chosenFlows(plan: readonly Flow[], ids: readonly string[] | undefined, file: string): readonly Flow[] {
  if (ids === undefined) return plan
  const known = [...new Set(plan.map(({ flow }) => flow))]
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length > 0) {
    throw new UsageError(
      ...unknown.map((id) => {
        const { what, right } = unknownWord('flow', id, known)
        return `--flow: ${what} in the plan of ${file}, ${right}`
      }),
    )
  }
  return plan.filter(({ flow }) => ids.includes(flow))
}
