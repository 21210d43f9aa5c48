/** Kills, freezes and ends what runs, at random moments; the same choices for the same seed. */
import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../demo/faults.ts'
import type { SoakPostgres } from './postgres.ts'
import type { Program, Programs } from './programs.ts'
import type { Book } from './promises.ts'

interface Parts {
  programs: Programs
  postgres: SoakPostgres
  book: Book
  seed: number
}

export interface Chaos {
  /** One mischief after another until the signal aborts; what was struck runs again at the end. */
  run(signal: AbortSignal): Promise<void>
}

export function createChaos({ programs, postgres, book, seed }: Parts): Chaos {
  const random = randomFrom(seed)
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const mortal = () => pick(programs.all.filter(({ veteran }) => !veteran))

  const mischief: { name: string; weight: number; act: () => Promise<unknown> }[] = [
    { name: 'kill', weight: 5, act: () => strike(programs.kill) },
    { name: 'end', weight: 1.5, act: () => strike(programs.end) },
    { name: 'freeze', weight: 2, act: () => programs.freeze(pick(programs.all), between(2000, 14_000)) },
    { name: 'killPostgres', weight: 1.5, act: () => postgres.strike() },
    { name: 'endSessions', weight: 1.5, act: () => postgres.endSessions(pick([0.2, 0.5, 1])) },
    { name: 'killAll', weight: 1, act: killAll },
  ]

  async function strike(how: (program: Program) => Promise<void>): Promise<void> {
    const program = mortal()
    await how(program)
    await wait(between(0, 6000))
    programs.start(program)
  }

  /** All that may be killed, at the same moment. */
  async function killAll(): Promise<void> {
    const struck = programs.all.filter(({ veteran }) => !veteran)
    await Promise.all(struck.map(programs.kill))
    await wait(between(0, 3000))
    for (const program of struck) programs.start(program)
  }

  function draw() {
    let luck = random() * mischief.reduce((sum, { weight }) => sum + weight, 0)
    const drawn = mischief.find(({ weight }) => {
      luck -= weight
      return luck < 0
    })
    return drawn ?? (mischief[0] as (typeof mischief)[number])
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        await wait(between(6000, 20_000), undefined, { signal }).catch(() => undefined)
        if (signal.aborted) return
        const { name, act } = draw()
        book.say(`mischief: ${name}`)
        book.count(`mischief: ${name}`)
        await act()
      }
    },
  }
}
