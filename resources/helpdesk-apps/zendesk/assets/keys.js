// The key of the link. It is kept as a key that cannot be exported: not even this extension can read it back.

const NAME = "kibitz";
const STORE = "keys";
const RECORD = "link";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result ?? null);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Return `{id, key}`, or null when this browser is not paired. */
export const savedKey = () => inStore("readonly", (store) => store.get(RECORD));
export const saveKey = (id, key) => inStore("readwrite", (store) => store.put({ id, key }, RECORD));
export const forgetKey = () => inStore("readwrite", (store) => store.delete(RECORD));
