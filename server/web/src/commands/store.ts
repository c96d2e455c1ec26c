import { shallowRef, triggerRef } from 'vue'

import { getCommands } from '@/api/calls'
import { ApiError } from '@/api/errors'
import type { Command } from '@/api/types'
import { CommandBook } from '@/commands/book'

const book = shallowRef(new CommandBook())
/** Devices whose commands are on the screen, and the cursor of the next older page. */
const cursors = shallowRef(new Map<string, string | null>())

export const commandsOf = (device: string): Command[] => book.value.ofDevice(device)

export const hasOlder = (device: string): boolean => (cursors.value.get(device) ?? null) !== null

/** Take one command, whatever way it came; those of devices that nobody looks at are left out. */
export function takeCommand(command: Command): void {
  if (cursors.value.has(command.device) && book.value.take(command)) {
    triggerRef(book)
  }
}

/** Fetch the newest commands of a device and follow it from now on. */
export async function openCommands(device: string): Promise<void> {
  if (!cursors.value.has(device)) {
    // Followed before the answer is there: what happens in between comes over the stream.
    cursors.value.set(device, null)
  }
  await load(device, null)
}

/** Fetch the next older page. */
export const loadOlder = (device: string): Promise<void> =>
  load(device, cursors.value.get(device) ?? null)

/** Fetch again what is shown: the stream was interrupted. What fails is tried at the next one. */
export async function reloadCommands(): Promise<void> {
  for (const device of [...cursors.value.keys()]) {
    try {
      const page = await getCommands(device, null)
      page.items.forEach(takeCommand)
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error
      }
    }
  }
}

/** Follow no device any more. */
export function forgetCommands(): void {
  cursors.value = new Map()
  book.value = new CommandBook()
}

async function load(device: string, cursor: string | null): Promise<void> {
  const page = await getCommands(device, cursor)
  if (cursors.value.has(device)) {
    cursors.value.set(device, page.next_cursor)
    triggerRef(cursors)
    page.items.forEach(takeCommand)
  }
}
