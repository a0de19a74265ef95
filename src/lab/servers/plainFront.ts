import { createServer, type RequestListener } from 'node:http'
import { dated } from './dated.ts'
import { type Doorway, openDoorway } from './doorway.ts'

/** A server of plain HTTP behind one port, whose answers can be changed while it runs. */
export interface PlainFront extends Doorway {
  /** Answers in another way from now on; returns what undoes it. */
  conduct(answers: RequestListener): () => void
}

export async function openPlainFront(
  place: { readonly address: string; readonly port: number },
  usual: RequestListener,
  clock?: () => number,
): Promise<PlainFront> {
  let answers = usual
  const http = createServer(dated((request, response) => answers(request, response), clock))
  const door = await openDoorway(place, (socket) => http.emit('connection', socket))
  return {
    ...door,
    conduct(others) {
      const before = answers
      answers = others
      return () => {
        answers = before
      }
    },
  }
}
