// Runs in the browser: submits the token of the address's fragment with the form's mutation.
const form = document.querySelector('form');
const output = document.querySelector('output');
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (!token) output.value = 'The address has no token: open the link in the mail.';

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const password = form.elements.namedItem('password')?.value;
  const variables = { input: { token, ...(password && { password }) } };
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: form.dataset.document, variables }),
  });
  const { errors } = await response.json();
  output.value = errors ? errors.map(({ message }) => message).join(' ') : 'Done.';
});
