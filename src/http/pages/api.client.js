// Runs in the browser: asks the API, by the session's cookie that scripts cannot read.

/** Returns the payload of a mutation. Throws an error with the messages of the API. */
export async function ask(mutation, input, selection) {
  const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input!`;
  const query = input
    ? `mutation ($input: ${type}) { ${mutation}(input: $input) { ${selection} } }`
    : `mutation { ${mutation} { ${selection} } }`;
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: input ? { input } : {} }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '));
  return data[mutation];
}

const output = document.querySelector('output');
export const say = (text) => {
  output.value = text;
};

/** Returns a listener that takes this step, and shows the message of what fails. */
export const reported = (step) => (event) => {
  event.preventDefault();
  say('');
  step().catch(({ message }) => say(message));
};
