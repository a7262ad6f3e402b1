/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call --
   WebAssembly has no types without those of a browser. */
import { setFlagsFromString } from 'node:v8';

/**
 * Loaded before a step's own code: V8 does not optimise its HTTP parser. For a step that waits for
 * hours that is worth it; one that lives for a second spends a third of its processor time on it.
 */
const { WebAssembly } = globalThis;
const { Module } = WebAssembly;

const NEVER = '--wasm-tiering-budget=1000000000';
// V8's own, so that what it has compiled and kept still fits its flags.
const AS_IT_WAS = '--wasm-tiering-budget=13000000';

WebAssembly.Module = class extends Module {
  /** @param {BufferSource} bytes */
  constructor(bytes) {
    setFlagsFromString(NEVER);
    super(bytes);
    setFlagsFromString(AS_IT_WAS);
  }
};
