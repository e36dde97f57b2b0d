/** Roles by key-dictionary id, looked up once a key and generation. */
import type { KeyDictionary } from './attribute-view.ts';
import type { KeyMapping } from './mapping.ts';
import { type KeyRole, ROLE, type Role, roleOf } from './roles.ts';

export class KeyRoles {
  readonly #mapping: KeyMapping | undefined;
  #generation = -1;
  #known = 0;
  #roles = new Uint8Array(256);
  #names: string[] = [];

  constructor(mapping?: KeyMapping) {
    this.#mapping = mapping;
  }

  /** Changes when ids were given out anew: what was remembered by id is void then. */
  get generation(): number {
    return this.#generation;
  }

  /** Keys that are known. */
  get size(): number {
    return this.#known;
  }

  /** Roles by key id, up to date with the dictionary. */
  update(keys: KeyDictionary): Uint8Array {
    if (keys.generation !== this.#generation) {
      this.#generation = keys.generation;
      this.#known = 0;
      this.#names = [];
    }
    if (keys.size > this.#roles.length) {
      const grown = new Uint8Array(Math.max(keys.size, 2 * this.#roles.length));
      grown.set(this.#roles);
      this.#roles = grown;
    }
    for (; this.#known < keys.size; this.#known++) {
      const { role, name }: KeyRole = roleOf(keys.textAt(this.#known), this.#mapping);
      this.#roles[this.#known] = role;
      this.#names[this.#known] = name;
    }
    return this.#roles;
  }

  roleAt(key: number): Role {
    return key < 0 ? ROLE.none : (this.#roles[key] as Role);
  }

  /** Name of the feature or output that the key stands for. */
  nameAt(key: number): string {
    return this.#names[key];
  }
}
