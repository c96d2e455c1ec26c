import { computed, ref, watch } from 'vue'

import { alertCounts, newestArrival } from '@/alerts/store'

const KEY = 'guitu.sound'
const REPEAT_MS = 10_000
const TONES_HZ = [880, 660, 880]
const TONE_S = 0.18
const VOLUME = 0.25

const isOn = ref(stored())
let audio: AudioContext | null = null

export const isSoundOn = computed(() => isOn.value)

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on'
  } catch {
    return false
  }
}

/** Switch the sound of critical alerts; the press is what browsers ask for before any sound. */
export function switchSound(): void {
  isOn.value = !isOn.value
  try {
    localStorage.setItem(KEY, isOn.value ? 'on' : 'off')
  } catch {
    // Not remembered; it holds for this page.
  }
  if (isOn.value) {
    sound()
  }
}

/** Three tones, made here: no file is fetched. */
function sound(): void {
  audio ??= new AudioContext()
  void audio.resume()
  TONES_HZ.forEach((hz, at) => {
    if (audio === null) {
      return
    }
    const tone = audio.createOscillator()
    const gain = audio.createGain()
    gain.gain.value = VOLUME
    tone.frequency.value = hz
    tone.connect(gain).connect(audio.destination)
    tone.start(audio.currentTime + at * TONE_S)
    tone.stop(audio.currentTime + (at + 1) * TONE_S)
  })
}

/** Sound for a new critical alert, and again until nobody's waits; returns what ends it. */
export function watchAlarms(): () => void {
  const stop = watch(newestArrival, (alert) => {
    if (isOn.value && alert?.severity === 'critical') {
      sound()
    }
  })
  const timer = setInterval(() => {
    if (isOn.value && (alertCounts.value?.critical_open ?? 0) > 0) {
      sound()
    }
  }, REPEAT_MS)
  return () => {
    stop()
    clearInterval(timer)
  }
}
