/**
 * Which model an item is of: what the item says itself, else its resource, else a default. The model of the item before
 * is tried first: the next one's is mostly the same.
 */
import { type AttributeView, VALUE } from './attribute-view.ts';
import { ItemAttributes } from './item-attributes.ts';
import type { IdentityDefaults } from './mapping.ts';
import type { ModelEntry, Models, Refusal } from './models.ts';
import type { Texts } from './texts.ts';
import type { Identity } from './unknown-models.ts';

const encoder = new TextEncoder();

export class ItemModel {
  readonly #texts: Texts;
  readonly #models: Models;
  readonly #defaults: IdentityDefaults | undefined;
  readonly #ofResource = new ItemAttributes();
  #resource = -1;
  /** Of the item before, by text ids. Forgotten with every request. */
  readonly #last: { environment: number; model: number; version: number; entry: ModelEntry | Refusal | null } = {
    environment: -1,
    model: -1,
    version: -1,
    entry: null,
  };

  constructor(texts: Texts, models: Models, defaults: IdentityDefaults | undefined) {
    this.#texts = texts;
    this.#models = models;
    this.#defaults = defaults;
  }

  /** Before the items of a request. */
  start(): void {
    this.#resource = -1;
    this.#last.entry = null;
  }

  /** The item's model, or the reason why it has none. */
  find(
    view: AttributeView,
    item: number,
    roles: Uint8Array,
    found: ItemAttributes,
    nowMs: number,
  ): ModelEntry | Refusal | 'no_model_name' {
    const resource = view.itemResource[item];
    const ofResource = this.#ofResource;
    if (resource !== this.#resource) {
      this.#resource = resource;
      ofResource.find(view, view.resourceStart[resource], view.resourceStart[resource + 1], roles);
    }
    const last = this.#last;
    const defaults = this.#defaults;
    const model = this.#idOf(view, modelOf(found), modelOf(ofResource), last.model, defaults?.model);
    if (model < 0) return 'no_model_name';
    const version = this.#idOf(view, versionOf(found), versionOf(ofResource), last.version, defaults?.version);
    const environment = this.#idOf(
      view,
      environmentOf(found),
      environmentOf(ofResource),
      last.environment,
      defaults?.environment,
    );
    if (model !== last.model || version !== last.version || environment !== last.environment || last.entry === null) {
      last.model = model;
      last.version = version;
      last.environment = environment;
      last.entry = this.#models.entryOf(environment, model, version, nowMs);
    }
    return last.entry;
  }

  /** Who the item says that it is of, as texts; undefined without a model. Nothing is admitted. */
  identityOf(view: AttributeView, item: number, roles: Uint8Array, found: ItemAttributes): Identity | undefined {
    const resource = view.itemResource[item];
    const ofResource = this.#ofResource;
    if (resource !== this.#resource) {
      this.#resource = resource;
      ofResource.find(view, view.resourceStart[resource], view.resourceStart[resource + 1], roles);
    }
    const text = (own: number, other: number, fallback: string | undefined): string => {
      const id = this.#idOf(view, own, other, -1, fallback);
      return id < 0 ? '' : this.#texts.textAt(id);
    };
    const defaults = this.#defaults;
    const model = text(modelOf(found), modelOf(ofResource), defaults?.model);
    if (model === '') return undefined;
    return {
      model,
      version: text(versionOf(found), versionOf(ofResource), defaults?.version),
      environment: text(environmentOf(found), environmentOf(ofResource), defaults?.environment),
    };
  }

  /** Text id of the item's own attribute, else of the resource's, else of the default; −1 where none says. */
  #idOf(view: AttributeView, own: number, ofResource: number, guess: number, fallback = ''): number {
    const attribute = own >= 0 ? own : ofResource;
    if (attribute >= 0 && view.attributeType[attribute] === VALUE.text) {
      const { attributeNumber, attributeLength } = view;
      return this.#texts.idLike(guess, view.bytes, attributeNumber[attribute], attributeLength[attribute], view.view);
    }
    if (fallback === '') return -1;
    const bytes = encoder.encode(fallback);
    return this.#texts.idOf(bytes, 0, bytes.length);
  }
}

/** A name of ours goes before a mapped one. */
const modelOf = ({ model, mappedModel }: ItemAttributes) => (model >= 0 ? model : mappedModel);
const versionOf = ({ version, mappedVersion }: ItemAttributes) => (version >= 0 ? version : mappedVersion);
const environmentOf = ({ environment, mappedEnvironment }: ItemAttributes) =>
  environment >= 0 ? environment : mappedEnvironment;
