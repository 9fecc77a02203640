// Shows the API's description; a file of its own, so that the page runs no inline script.
const place = document.getElementById("api");
SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    // The validator of Swagger's makers would be another host.
    validatorUrl: null,
});
